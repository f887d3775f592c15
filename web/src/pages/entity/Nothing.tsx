import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type EntityKind, useApi } from "@/api";
import { useRange } from "@/state";
import { date, EmptyState } from "@/ui";
import type { EntityAnswer } from "./endpoints";

const day = 86_400_000;
const wider = ["7d", "30d", "90d"] as const;

/** Nothing says that the range is empty, looks whether the last 90 days are not, and leads there. */
export function Nothing({ kind, data }: { kind: EntityKind; data: EntityAnswer }) {
  const { t } = useTranslation("entity");
  const range = useRange();
  const ask = useApi("GET /entities/{kind}/{value}", {
    path: { kind, value: "-" },
    query: { value: data.value, from: "now-90d", to: "now", zone: range.zone },
  });
  const found = ask.data?.value === data.value && ask.data.total > 0 ? ask.data : undefined;
  const last = found?.last_seen ? Date.parse(found.last_seen) : undefined;
  return (
    <div className="y-panel" data-answer={0}>
      <EmptyState
        title={t("nothing.title")}
        text={
          found && last
            ? t("nothing.elsewhere", { at: date(last, range.zone) })
            : ask.data
              ? t("nothing.nowhere", { fields: data.fields.join(", ") })
              : t("nothing.text")
        }
      >
        <Group justify="center" gap="xs">
          {last !== undefined && (
            <Button onClick={() => range.setMs(last - day, last + day / 24)}>{t("nothing.go")}</Button>
          )}
          {wider.map((w) => (
            <Button key={w} variant="default" onClick={() => range.set({ from: `now-${w}`, to: "now" })}>
              {t(`nothing.${w}`)}
            </Button>
          ))}
        </Group>
      </EmptyState>
    </div>
  );
}
