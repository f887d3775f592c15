import { Button, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction, useApi } from "@/api";
import { useCan } from "@/app/session";
import { commas, oneOf, text, useUrlState, useZone } from "@/state";
import { bytes, DataTable, date, EmptyState, ErrorState, Loading, num, Panel, Tag, visible } from "@/ui";
import type { IntakeObject } from "./endpoints";
import classes from "./Intake.module.css";

const states = [
  "",
  "pending",
  "waiting",
  "leased",
  "done",
  "failed",
  "skipped",
  "ignored",
  "unrecognized",
  "gone",
  "replaced",
] as const;
const spec = { source: text(), state: oneOf([...states], ""), key: text(), at: commas() };
const moods: Record<string, "good" | "warn" | "bad" | "dim"> = {
  done: "good",
  failed: "bad",
  unrecognized: "warn",
  gone: "warn",
  pending: "dim",
  leased: "dim",
};

const nameOf = (key: string) => key.slice(key.lastIndexOf("/") + 1) || key;
const folderOf = (key: string) => key.slice(0, Math.max(0, key.lastIndexOf("/")));

/** Objects is what became of each object, found last first. */
export function Objects({ sources }: { sources: string[] }) {
  const { t } = useTranslation("intake");
  const zone = useZone();
  const may = useCan("intake.replay");
  const [{ source, state, key, at }, set] = useUrlState(spec);
  const [typed, setTyped] = useState(key);
  const [wanted] = useDebouncedValue(typed, 300);
  const query = {
    source: source || undefined,
    state: state || undefined,
    key: wanted || undefined,
    cursor: at.at(-1),
    limit: 50,
  };
  const { data, error, refetch, isPlaceholderData } = useApi("GET /intake/objects", { query });
  const retry = useAction("POST /intake/objects/{id}/retry", { refresh: ["GET /intake/objects", "GET /intake"] });
  return (
    <Panel title={t("tabs.objects")} pad={false}>
      <div className={classes.filters}>
        <Select
          label={t("column.source")}
          value={source}
          allowDeselect={false}
          onChange={(v) => set({ source: v ?? "", at: [] })}
          data={[{ value: "", label: t("all") }, ...sources.map((s) => ({ value: s, label: s }))]}
        />
        <Select
          label={t("column.state")}
          value={state}
          allowDeselect={false}
          onChange={(v) => set({ state: (v ?? "") as (typeof states)[number], at: [] })}
          data={states.map((s) => ({ value: s, label: s ? t(`object.${s}`) : t("all") }))}
        />
        <TextInput
          label={t("objects.key")}
          value={typed}
          onChange={(e) => {
            setTyped(e.currentTarget.value);
            set({ key: e.currentTarget.value, at: [] }, { replace: true });
          }}
        />
      </div>
      {retry.error && <ErrorState problem={retry.error} small />}
      {error && <ErrorState problem={error} retry={() => refetch()} />}
      {!data && !error && <Loading rows={10} />}
      {data && (
        <div className={isPlaceholderData ? "y-stale" : undefined}>
          <DataTable<IntakeObject>
            label={t("tabs.objects")}
            tools
            rows={data.items}
            rowKey={(o) => o.id}
            empty={<EmptyState title={t("objects.none")} text={t("objects.noneText")} />}
            columns={[
              {
                key: "state",
                title: t("column.state"),
                value: (o) => o.state,
                render: (o) => (
                  <Tag mood={moods[o.state] ?? "dim"}>{t(`object.${o.state}`, { defaultValue: o.state })}</Tag>
                ),
              },
              {
                key: "key",
                title: t("objects.object"),
                value: (o) => o.key,
                render: (o) => (
                  <div className={classes.object}>
                    <span className="y-mono" title={visible([o.bucket, o.key].filter(Boolean).join("/"), 1200)}>
                      <bdi>{visible(nameOf(o.key), 300)}</bdi>
                    </span>
                    <span className={`y-dim y-cut ${classes.folder}`}>
                      {[o.source, o.log_types.join(", "), folderOf(o.key)]
                        .filter(Boolean)
                        .map((x) => visible(x, 600))
                        .join(" · ")}
                    </span>
                    {(o.detail || (o.reason && o.reason !== o.state)) && (
                      <span className={classes.why}>{visible(o.detail || o.reason || "", 500)}</span>
                    )}
                    {o.state === "unrecognized" && (
                      <span className={classes.todo}>{t("objects.unrecognizedTodo")}</span>
                    )}
                    {o.state === "failed" && <span className={classes.todo}>{t("objects.failedTodo")}</span>}
                  </div>
                ),
              },
              {
                key: "size",
                title: t("objects.size"),
                value: (o) => o.size,
                render: (o) => <span className={classes.whole}>{bytes(o.size)}</span>,
                numeric: true,
              },
              {
                key: "events",
                title: t("column.events"),
                value: (o) => o.events,
                render: (o) => num(o.events),
                numeric: true,
              },
              {
                key: "quarantined",
                title: t("objects.quarantined"),
                value: (o) => o.quarantined,
                render: (o) => num(o.quarantined),
                numeric: true,
              },
              {
                key: "found",
                title: t("objects.found"),
                value: (o) => o.discovered,
                render: (o) => (
                  <time
                    className={classes.whole}
                    title={o.done ? `${t("objects.done")}: ${date(o.done, zone, "second")}` : ""}
                  >
                    {date(o.discovered, zone, "second")}
                  </time>
                ),
              },
              {
                key: "retry",
                title: "",
                sortable: false,
                value: () => "",
                render: (o) =>
                  o.retryable && may ? (
                    <Button
                      size="compact-xs"
                      variant="default"
                      loading={retry.isPending && retry.variables?.path.id === o.id}
                      onClick={() => retry.mutate({ path: { id: o.id } })}
                    >
                      {t("objects.retry")}
                    </Button>
                  ) : null,
              },
            ]}
          />
          <Group justify="flex-end" p="sm" gap="xs">
            <Button variant="default" disabled={at.length === 0} onClick={() => set({ at: at.slice(0, -1) })}>
              {t("newer")}
            </Button>
            <Button variant="default" disabled={!data.next} onClick={() => set({ at: [...at, data.next!] })}>
              {t("older")}
            </Button>
          </Group>
        </div>
      )}
    </Panel>
  );
}
