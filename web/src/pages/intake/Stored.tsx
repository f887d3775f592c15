import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "@/api";
import { exploreUrl, writeTime } from "@/state";
import {
  bytes,
  compact,
  type DataColumn,
  DataTable,
  EmptyState,
  ErrorState,
  Go,
  Loading,
  num,
  Panel,
  percent,
  visible,
} from "@/ui";
import type { Storage, StorageDay } from "./endpoints";
import classes from "./Intake.module.css";

const StoredChart = lazy(() => import("./StoredChart"));

const most = 31;
const shownTypes = 7;
const oneDay = 86_400_000;

function eventsUrl(day: string, type?: string): string {
  const start = Date.parse(`${day}T00:00:00Z`);
  return exploreUrl({
    q: type ? `event.module:${type}` : undefined,
    from: writeTime(start, "UTC"),
    to: writeTime(start + oneDay, "UTC"),
    tz: "UTC",
  });
}

/** The days from the oldest with data to the newest, newest first, without holes; at least a week, at most a month. */
function daysOf(storage: Storage): string[] {
  const newest = storage.days[0]?.day;
  const oldest = storage.days.at(-1)?.day;
  if (!newest || !oldest) return [];
  const n = Math.round((Date.parse(newest) - Date.parse(oldest)) / oneDay) + 1;
  return Array.from({ length: Math.min(most, Math.max(7, n)) }, (_, i) =>
    new Date(Date.parse(newest) - i * oneDay).toISOString().slice(0, 10),
  );
}

interface DayRow {
  day: string;
  rows: number;
  raw: number;
  bytes: number;
  of: Record<string, number>;
}

/** ByDay is the numbers of the chart: a row a day, a column for each of the largest log types. */
function ByDay({ storage, days }: { storage: Storage; days: string[] }) {
  const { t } = useTranslation("intake");
  const rows = useMemo(
    () =>
      days.map((day) => {
        const parts = storage.days.filter((d) => d.day === day);
        const row: DayRow = { day, rows: 0, raw: 0, bytes: 0, of: {} };
        for (const p of parts) {
          row.rows += p.rows;
          row.raw += p.raw_bytes;
          row.bytes += p.bytes;
          row.of[p.type] = (row.of[p.type] ?? 0) + p.bytes;
        }
        return row;
      }),
    [storage.days, days],
  );
  const columns: DataColumn<DayRow>[] = [
    {
      key: "day",
      title: t("storage.day"),
      value: (r) => r.day,
      render: (r) =>
        r.rows > 0 ? (
          <Go className={classes.whole} to={eventsUrl(r.day)}>
            {r.day}
          </Go>
        ) : (
          <span className="y-dim">{r.day}</span>
        ),
    },
    { key: "rows", title: t("column.events"), value: (r) => r.rows, render: (r) => num(r.rows), numeric: true },
    {
      key: "bytes",
      title: t("storage.stored"),
      value: (r) => r.bytes,
      render: (r) => <b className={classes.whole}>{bytes(r.bytes)}</b>,
      numeric: true,
    },
    ...storage.types.slice(0, shownTypes).map(
      (s): DataColumn<DayRow> => ({
        key: s.type,
        title: s.type,
        value: (r) => r.of[s.type] ?? 0,
        render: (r) =>
          r.of[s.type] ? (
            <Go className={classes.cell} to={eventsUrl(r.day, s.type)}>
              {bytes(r.of[s.type]!)}
            </Go>
          ) : (
            <span className="y-dim">–</span>
          ),
        numeric: true,
      }),
    ),
  ];
  return <DataTable<DayRow> label={t("storage.table")} tools rows={rows} rowKey={(r) => r.day} columns={columns} />;
}

/** Stored is what lies on disk by day and log type. Days are UTC, as parts are. */
export function Stored() {
  const { t } = useTranslation("intake");
  const { data, error, refetch } = useApi("GET /intake/storage", {}, { every: 60_000 });
  const days = useMemo(() => (data ? daysOf(data) : []), [data]);
  if (error && !data) return <ErrorState problem={error} retry={() => refetch()} />;
  if (!data) return <Loading rows={8} />;
  if (data.types.length === 0) return <EmptyState title={t("storage.none")} text={t("none.text")} />;
  const sum = (f: (s: StorageDay) => number) => data.types.reduce((n, s) => n + f(s), 0);
  const total = sum((s) => s.bytes);
  const known = data.disk.total > 0;
  const free = known ? data.disk.free / data.disk.total : 1;
  const ratio = (raw: number, stored: number) => (raw > 0 && stored > 0 ? `${(raw / stored).toFixed(1)} : 1` : "–");
  const numbers = [
    { key: "stored", value: bytes(total) },
    { key: "raw", value: bytes(sum((s) => s.raw_bytes)) },
    { key: "ratio", value: data.ratio > 0 ? `${data.ratio.toFixed(1)} : 1` : "–" },
    { key: "events", value: compact(sum((s) => s.rows)) },
    {
      key: "free",
      value: known ? bytes(data.disk.free) : "–",
      note: known ? t("storage.freeOf", { percent: percent(free), total: bytes(data.disk.total) }) : undefined,
      bad: known && free < 0.1,
    },
  ] as const;
  return (
    <>
      <dl className={classes.numbers}>
        {numbers.map((n) => (
          <div key={n.key} className="y-panel" data-bad={("bad" in n && n.bad) || undefined}>
            <dt>{t(`storage.${n.key}`)}</dt>
            <dd>{n.value}</dd>
            {"note" in n && n.note && <dd className={classes.small}>{n.note}</dd>}
          </div>
        ))}
      </dl>
      <Panel title={t("storage.byDay")}>
        <div className={classes.stage} style={{ height: 250 }}>
          <Suspense fallback={<Loading height={250} />}>
            <StoredChart storage={data} days={days} />
          </Suspense>
        </div>
      </Panel>
      <Panel title={t("storage.table")} pad={false} className={classes.second}>
        <ByDay storage={data} days={days} />
        <p className={classes.tableNote}>{t("storage.days", { n: days.length })}</p>
      </Panel>
      <Panel title={t("storage.byType")} pad={false} className={classes.second}>
        <DataTable<StorageDay>
          label={t("storage.byType")}
          tools
          rows={data.types}
          rowKey={(s) => s.type}
          columns={[
            {
              key: "type",
              title: t("record.type"),
              value: (s) => s.type,
              render: (s) => <span className="y-mono">{visible(s.type, 100)}</span>,
            },
            { key: "rows", title: t("column.events"), value: (s) => s.rows, render: (s) => num(s.rows), numeric: true },
            {
              key: "parts",
              title: t("storage.parts"),
              value: (s) => s.parts,
              render: (s) => num(s.parts),
              numeric: true,
            },
            {
              key: "raw",
              title: t("storage.raw"),
              value: (s) => s.raw_bytes,
              render: (s) => bytes(s.raw_bytes),
              numeric: true,
            },
            {
              key: "bytes",
              title: t("storage.stored"),
              value: (s) => s.bytes,
              render: (s) => bytes(s.bytes),
              numeric: true,
            },
            {
              key: "share",
              title: t("storage.share"),
              value: (s) => (total > 0 ? s.bytes / total : 0),
              render: (s) => percent(total > 0 ? s.bytes / total : 0),
              numeric: true,
            },
            {
              key: "ratio",
              title: t("storage.ratio"),
              value: (s) => (s.bytes > 0 ? s.raw_bytes / s.bytes : 0),
              render: (s) => ratio(s.raw_bytes, s.bytes),
              numeric: true,
            },
          ]}
        />
      </Panel>
    </>
  );
}
