import { notifications } from "@mantine/notifications";
import { createElement } from "react";
import { useTranslation } from "react-i18next";
import { type AlertCard, queryClient } from "@/api";
import { language } from "@/i18n";
import { useStream } from "@/state";
import { Go, visible } from "@/ui";
import classes from "./Alert.module.css";

/** useRaised keeps the page's alerts fresh and says when new ones were raised. The stream never names those of old events. */
export function useRaised(): void {
  const { t } = useTranslation("alerts");
  useStream([{ topic: "alerts" }], {
    alerts: (data: { raised?: AlertCard[] }) => {
      for (const key of ["GET /alerts", "GET /alerts/{id}"])
        void queryClient.invalidateQueries({ queryKey: [key], refetchType: "active" });
      const raised = data.raised ?? [];
      if (raised.length === 0) return;
      const first = raised[0]!;
      const title = visible((language() === "ja" && first.title_ja) || first.title, 120);
      notifications.show({
        id: `raised:${first.id}`,
        title: t("raised.title", { count: raised.length, level: t(`common:severity.${first.severity}`) }),
        message: createElement(Go, { to: `/alerts/${encodeURIComponent(first.id)}`, className: classes.link }, title),
        autoClose: 12_000,
      });
    },
  });
}
