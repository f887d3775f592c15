import { Button, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type AuditRow, useApi } from "@/api";
import { commas, text, useUrlState, useZone } from "@/state";
import { DataTable, date, EmptyState, ErrorState, Loading, Panel, Tag, visible } from "@/ui";
import classes from "./Settings.module.css";

const spec = { who: text(), action: text(), since: text("now-7d"), at: commas() };

function detail(r: AuditRow): string {
  const text = JSON.stringify(r.detail ?? {});
  return text === "{}" ? "" : visible(text, 1000);
}

function Detail({ text }: { text: string }) {
  return (
    <div className={`y-mono y-cut ${classes.detail}`} title={text}>
      {text}
    </div>
  );
}

/** Audit is who did and looked at what, newest first. Pages are steps of the back button. */
export function Audit() {
  const { t } = useTranslation("settings");
  const zone = useZone();
  const [{ who, action, since, at }, set] = useUrlState(spec);
  const [typed, setTyped] = useState({ who, action });
  const [wanted] = useDebouncedValue(typed, 300);
  const query = { from: since, who: wanted.who, action: wanted.action, cursor: at.at(-1) };
  const { data, error, refetch, isPlaceholderData } = useApi("GET /audit", { query });
  const change = (next: Partial<typeof typed>) => {
    setTyped({ ...typed, ...next });
    set({ ...next, at: [] }, { replace: true });
  };
  return (
    <Panel title={t("parts.audit")} pad={false}>
      <div className={classes.filters}>
        <TextInput label={t("audit.who")} value={typed.who} onChange={(e) => change({ who: e.currentTarget.value })} />
        <TextInput
          label={t("audit.action")}
          value={typed.action}
          onChange={(e) => change({ action: e.currentTarget.value })}
        />
        <Select
          label={t("audit.since")}
          value={since}
          allowDeselect={false}
          onChange={(v) => v && set({ since: v, at: [] })}
          data={[
            { value: "now-24h", label: t("common:time.last24h") },
            { value: "now-7d", label: t("common:time.last7d") },
            { value: "now-30d", label: t("common:time.last30d") },
            { value: "now-1y", label: t("audit.year") },
          ]}
        />
      </div>
      {error && <ErrorState problem={error} retry={() => refetch()} />}
      {!data && !error && <Loading rows={10} />}
      {data && (
        <div className={isPlaceholderData ? "y-stale" : undefined}>
          <DataTable<AuditRow>
            label={t("parts.audit")}
            tools
            rows={data.items}
            rowKey={(r, i) => `${r.time} ${i}`}
            empty={<EmptyState title={t("audit.none")} />}
            columns={[
              {
                key: "time",
                title: t("audit.time"),
                value: (r) => r.time,
                render: (r) => date(r.time, zone, "second"),
                width: 160,
              },
              { key: "who", title: t("audit.who"), value: (r) => r.who || "–" },
              { key: "address", title: t("audit.address"), value: (r) => r.address },
              { key: "action", title: t("audit.action"), value: (r) => r.action },
              { key: "target", title: t("audit.target"), value: (r) => r.target && visible(r.target, 300) },
              {
                key: "outcome",
                title: t("audit.outcome"),
                value: (r) => r.outcome,
                render: (r) => (
                  <Tag mood={r.outcome === "done" ? "good" : r.outcome === "denied" ? "bad" : "warn"}>
                    {t(`audit.outcomes.${r.outcome}`, { defaultValue: r.outcome })}
                  </Tag>
                ),
              },
              {
                key: "detail",
                title: t("audit.detail"),
                sortable: false,
                value: detail,
                render: (r) => <Detail text={detail(r)} />,
              },
            ]}
          />
          <Group justify="flex-end" p="sm" gap="xs">
            <Button variant="default" disabled={at.length === 0} onClick={() => set({ at: at.slice(0, -1) })}>
              {t("audit.newer")}
            </Button>
            <Button variant="default" disabled={!data.next} onClick={() => set({ at: [...at, data.next!] })}>
              {t("audit.older")}
            </Button>
          </Group>
        </div>
      )}
    </Panel>
  );
}
