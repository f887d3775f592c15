import { Button, CloseButton, Code, Drawer, Group, Progress, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction, useApi } from "@/api";
import { useCan } from "@/app/session";
import { commas, flag, int, text, useUrlState, useZone } from "@/state";
import { bytes, DataTable, date, EmptyState, ErrorState, Go, Loading, num, Panel, relative, visible } from "@/ui";
import type { QuarantineGroup, QuarantineItem } from "./endpoints";
import classes from "./Intake.module.css";

const spec = { type: text(), unknown: flag(), reason: text(), record: int(0), at: commas() };

/** The reasons a record is refused for; others are shown as they are called. */
const reasons = ["unrecognised", "syntax", "truncated", "too_large", "required", "envelope", "frame", "broken_stream"];

/** Reason says in words why, with its name as the command line and the API have it. */
function Reason({ name }: { name: string }) {
  const { t } = useTranslation("intake");
  if (!reasons.includes(name)) return <>{visible(name, 200)}</>;
  return <>{t(`reason.${name}`)}</>;
}

/** Running shows a replay: how far it is, what became of the records, and a way to stop it. */
function Running({ id, done }: { id: string; done: () => void }) {
  const { t } = useTranslation("intake");
  const { data, error } = useApi("GET /jobs/{id}", { path: { id } }, { every: 700, staleTime: 0 });
  const stop = useAction("DELETE /jobs/{id}", { refresh: ["GET /jobs/{id}"] });
  if (error) return <ErrorState problem={error} small />;
  if (!data) return <Loading rows={1} />;
  const running = data.state === "running";
  const left = data.result ? data.result.left + data.result.cut : 0;
  return (
    <div
      className={`y-panel ${classes.job}`}
      role="status"
      data-replay={data.state}
      data-mood={data.state === "failed" ? "bad" : left > 0 ? "warn" : "good"}
    >
      <div className={classes.jobHead}>
        <b>{t(`job.${data.state}`)}</b>
        {!running && <CloseButton size="sm" onClick={done} aria-label={t("common:close")} />}
      </div>
      {running && (
        <Group>
          <Progress
            className={classes.grow}
            value={data.progress.total > 0 ? (100 * data.progress.done) / data.progress.total : 0}
            animated
            aria-label={t("job.running")}
          />
          <span className="y-num">
            {num(data.progress.done)} / {num(data.progress.total)}
          </span>
          <Button size="compact-sm" variant="default" onClick={() => stop.mutate({ path: { id } })}>
            {t("job.cancel")}
          </Button>
        </Group>
      )}
      {data.error && visible(data.error, 600)}
      {data.result && (
        <>
          {t("job.result", {
            tried: num(data.progress.done),
            events: num(data.result.events),
            filtered: num(data.result.filtered),
            left: num(data.result.left),
          })}
          {data.result.cut > 0 && ` ${t("job.cut", { n: num(data.result.cut) })}`}
        </>
      )}
    </div>
  );
}

/** Record is one refused record: why, where it stands, and its masked bytes. */
function Record({ id, replay, close }: { id: number; replay?: (id: number) => void; close: () => void }) {
  const { t } = useTranslation("intake");
  const zone = useZone();
  const [view, setView] = useState("text");
  const { data, error } = useApi("GET /intake/quarantine/{id}", { path: { id: String(id) } }, { keep: false });
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size="xl"
      title={t("record.title")}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {error && <ErrorState problem={error} />}
      {!data && !error && <Loading rows={8} />}
      {data && (
        <>
          <dl className={`${classes.facts} ${classes.area} ${classes.record}`}>
            <dt>{t("record.why")}</dt>
            <dd>
              <b>
                <Reason name={data.reason} />
              </b>{" "}
              <code className="y-dim">{visible(data.reason, 100)}</code>
              {data.detail && <div>{visible(data.detail, 1000)}</div>}
            </dd>
            {reasons.includes(data.reason) && (
              <>
                <dt>{t("record.todo")}</dt>
                <dd>{t(`todo.${data.reason}`)}</dd>
              </>
            )}
            <dt>{t("record.type")}</dt>
            <dd>{data.type || t("unrecognized")}</dd>
            <dt>{t("record.place")}</dt>
            <dd className="y-mono">
              <Go
                to={`/intake?tab=objects&key=${encodeURIComponent(
                  data.place
                    .split("/")
                    .at(-1)!
                    .replace(/^[^:]*: /, ""),
                )}`}
              >
                <bdi>{visible(data.place, 600)}</bdi>
              </Go>
            </dd>
            <dt>{t("record.offset")}</dt>
            <dd>
              {t("record.bytes", { from: num(data.offset), n: bytes(data.length) })}
              {data.records > 1 && ` · ${t("record.neighbors", { n: num(data.records) })}`}
            </dd>
            <dt>{t("record.time")}</dt>
            <dd>{date(data.time, zone, "second")}</dd>
            <dt>{t("record.hash")}</dt>
            <dd className="y-mono">{data.sha256}</dd>
          </dl>
          <Group justify="space-between" my="sm">
            <SegmentedControl
              aria-label={t("record.view")}
              value={view}
              onChange={setView}
              data={[
                { value: "text", label: t("record.text") },
                { value: "hex", label: t("record.hex") },
              ]}
            />
            {replay && !data.cut && !data.replayed && (
              <Button variant="default" onClick={() => replay(id)}>
                {t("quarantine.replayOne")}
              </Button>
            )}
          </Group>
          {data.cut && <p className="y-dim">{t("record.cut")}</p>}
          {view === "hex" && data.length > 512 && <p className="y-dim">{t("record.hexFirst")}</p>}
          <Code block className={classes.raw} tabIndex={0} aria-label={t(`record.${view === "hex" ? "hex" : "text"}`)}>
            {view === "hex" ? data.hex : (data.text ?? t("record.noText"))}
          </Code>
        </>
      )}
    </Drawer>
  );
}

/** Quarantine is what could not be read: groups by reason, the records of one, their bytes, and replay. */
export function Quarantine() {
  const { t } = useTranslation("intake");
  const zone = useZone();
  const may = useCan("intake.replay");
  const [{ type, unknown, reason, record, at }, set] = useUrlState(spec);
  const [job, setJob] = useState<string>();
  const groups = useApi("GET /intake/quarantine", {}, { every: 15_000 });
  const inside = Boolean(reason);
  const query = {
    type: unknown ? undefined : type || undefined,
    unrecognized: unknown || undefined,
    reason: reason || undefined,
    cursor: at.at(-1),
  };
  const records = useApi("GET /intake/quarantine/records", { query }, { enabled: inside });
  const replay = useAction("POST /intake/quarantine/replay", {
    refresh: ["GET /intake/quarantine", "GET /intake/quarantine/records", "GET /intake"],
    onSuccess: (r) => setJob(r.job),
  });
  const ended = () => {
    setJob(undefined);
    groups.refetch();
    if (inside) records.refetch();
  };
  const open = (g: QuarantineGroup) => set({ type: g.type, unknown: !g.type, reason: g.reason, at: [] });
  return (
    <>
      {job && <Running id={job} done={ended} />}
      {replay.error && <ErrorState problem={replay.error} small />}
      {!may && <p className="y-dim">{t("quarantine.lookOnly")}</p>}
      <Panel
        title={t("quarantine.groups")}
        pad={false}
        actions={
          may && (groups.data?.groups.length ?? 0) > 0 ? (
            <Button
              size="compact-sm"
              variant="default"
              loading={replay.isPending}
              onClick={() => replay.mutate({ body: {} })}
            >
              {t("quarantine.replayAll")}
            </Button>
          ) : undefined
        }
      >
        {groups.error && !groups.data && <ErrorState problem={groups.error} retry={() => groups.refetch()} />}
        {!groups.data && !groups.error && <Loading rows={5} />}
        {groups.data && (
          <DataTable<QuarantineGroup>
            label={t("quarantine.groups")}
            rows={groups.data.groups}
            rowKey={(g) => `${g.type} ${g.reason}`}
            onRow={open}
            empty={<EmptyState title={t("quarantine.none")} text={t("quarantine.noneText")} />}
            columns={[
              {
                key: "reason",
                title: t("quarantine.reason"),
                value: (g) => g.reason,
                render: (g) => (
                  <div className={classes.name}>
                    <button type="button" className={classes.link} onClick={() => open(g)} data-reason={g.reason}>
                      <Reason name={g.reason} />
                    </button>
                    {reasons.includes(g.reason) && <span className={classes.todo}>{t(`todo.${g.reason}`)}</span>}
                  </div>
                ),
              },
              {
                key: "type",
                title: t("record.type"),
                value: (g) => g.type || t("unrecognized"),
                render: (g) =>
                  g.type ? (
                    <span className="y-mono">{visible(g.type, 100)}</span>
                  ) : (
                    <span className={classes.whole}>{t("unrecognized")}</span>
                  ),
              },
              {
                key: "count",
                title: t("quarantine.count"),
                value: (g) => g.count,
                render: (g) => <span data-count-of={g.reason}>{num(g.count)}</span>,
                numeric: true,
              },
              {
                key: "bytes",
                title: t("quarantine.size"),
                value: (g) => g.bytes,
                render: (g) => <span className={classes.whole}>{bytes(g.bytes)}</span>,
                numeric: true,
              },
              {
                key: "last",
                title: t("quarantine.last"),
                value: (g) => g.last,
                render: (g) => <span className={classes.whole}>{relative(g.last)}</span>,
              },
              {
                key: "sample",
                title: t("quarantine.sample"),
                value: (g) => g.sample,
                render: (g) => <span className={classes.why}>{visible(g.sample, 300)}</span>,
              },
            ]}
          />
        )}
      </Panel>
      {inside && (
        <Panel
          className={classes.second}
          title={
            <>
              {unknown || !type ? t("unrecognized") : visible(type, 100)} · <Reason name={reason} />
            </>
          }
          pad={false}
          actions={
            <Group gap="xs">
              {may && (
                <Button
                  size="compact-sm"
                  variant="default"
                  loading={replay.isPending}
                  onClick={() => replay.mutate({ body: { type: unknown ? undefined : type || undefined, reason } })}
                >
                  {t("quarantine.replayGroup")}
                </Button>
              )}
              <Button
                size="compact-sm"
                variant="subtle"
                onClick={() => set({ type: "", unknown: false, reason: "", at: [] })}
              >
                {t("quarantine.back")}
              </Button>
            </Group>
          }
        >
          {records.error && <ErrorState problem={records.error} retry={() => records.refetch()} />}
          {!records.data && !records.error && <Loading rows={8} />}
          {records.data && (
            <div className={records.isPlaceholderData ? "y-stale" : undefined}>
              <DataTable<QuarantineItem>
                label={t("quarantine.records")}
                tools
                rows={records.data.items}
                rowKey={(r) => String(r.id)}
                onRow={(r) => set({ record: r.id })}
                empty={<EmptyState title={t("quarantine.settled")} />}
                columns={[
                  {
                    key: "time",
                    title: t("record.time"),
                    value: (r) => r.time,
                    render: (r) => (
                      <button type="button" className={classes.link} onClick={() => set({ record: r.id })}>
                        {date(r.time, zone, "second")}
                      </button>
                    ),
                  },
                  {
                    key: "place",
                    title: t("record.place"),
                    value: (r) => r.place,
                    render: (r) => (
                      <span className="y-mono">
                        <bdi>{visible(r.place, 300)}</bdi>
                      </span>
                    ),
                  },
                  {
                    key: "offset",
                    title: t("record.offset"),
                    value: (r) => r.offset,
                    render: (r) => num(r.offset),
                    numeric: true,
                  },
                  {
                    key: "length",
                    title: t("quarantine.size"),
                    value: (r) => r.length,
                    render: (r) => <span className={classes.whole}>{bytes(r.length)}</span>,
                    numeric: true,
                  },
                  {
                    key: "detail",
                    title: t("record.why"),
                    value: (r) => r.detail,
                    render: (r) => <span className={classes.why}>{visible(r.detail, 300)}</span>,
                  },
                ]}
              />
              <Group justify="flex-end" p="sm" gap="xs">
                <Button variant="default" disabled={at.length === 0} onClick={() => set({ at: at.slice(0, -1) })}>
                  {t("newer")}
                </Button>
                <Button
                  variant="default"
                  disabled={!records.data.next}
                  onClick={() => set({ at: [...at, records.data.next!] })}
                >
                  {t("older")}
                </Button>
              </Group>
            </div>
          )}
        </Panel>
      )}
      {record > 0 && (
        <Record
          id={record}
          close={() => set({ record: 0 })}
          replay={may ? (id) => replay.mutate({ body: { id } }, { onSuccess: () => set({ record: 0 }) }) : undefined}
        />
      )}
    </>
  );
}
