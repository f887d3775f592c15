import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { type Problem, queryClient, useAction } from "@/api";
import { num } from "@/ui";
import "./endpoints";
import type { Action, Reason } from "./endpoints";

export interface Act {
  ids: string[];
  action: Action;
  note?: string;
  reason?: Reason;
  assignee?: string;
}

/** useAct does one thing to some alerts, says so, and asks again for what is shown. Refusals are said, too, with their reason. */
export function useAct(done?: () => void): { act: (a: Act, then?: () => void) => void; busy: boolean } {
  const { t } = useTranslation("alerts");
  const call = useAction("POST /alerts/act");
  const act = ({ ids, action, ...rest }: Act, then?: () => void) =>
    call.mutate(
      { body: { ids, action, ...rest } },
      {
        onSuccess: () => {
          for (const key of ["GET /alerts", "GET /alerts/{id}", "GET /home"])
            void queryClient.invalidateQueries({ queryKey: [key] });
          notifications.show({
            message: t(`did.${action}`, { count: ids.length, shown: num(ids.length) }),
            autoClose: 2500,
          });
          done?.();
          then?.();
        },
        onError: (e) => refused(e, t("refused.title"), t("refused.role")),
      },
    );
  return { act, busy: call.isPending };
}

function refused(e: Problem, title: string, role: string) {
  notifications.show({
    color: "red",
    title,
    message: e.status === 403 ? role : [e.detail || e.title, e.hint].filter(Boolean).join(" "),
    autoClose: 8000,
  });
}
