import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "@/api";
import { exploreUrl } from "@/state";
import { usePalette } from "@/theme/colors";
import { bytes, compact, DataTable, EmptyState, ErrorState, Go, Loading, num, Panel } from "@/ui";
import type { Storage, StorageDay } from "./endpoints";
import classes from "./Intake.module.css";

const shownDays = 31;
const dayOf = (at: Date) => at.toISOString().slice(0, 10);

function dayAfter(day: string): string {
  return dayOf(new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000));
}

function eventsUrl(type: string, day: string): string {
  return exploreUrl({ q: `event.module:${type}`, from: `${day}T00:00:00Z`, to: `${dayAfter(day)}T00:00:00Z` });
}

/** Days is a bar for each day, stacked by log type; the table below holds the same numbers. */
function Days({ storage }: { storage: Storage }) {
  const { t } = useTranslation("intake");
  const p = usePalette();
  const color = useMemo(() => {
    const byType = new Map(storage.types.map((s, i) => [s.type, p.series[i % p.series.length]!]));
    return (type: string) => byType.get(type) ?? p.other;
  }, [storage.types, p]);
  const days = useMemo(() => {
    const newest = storage.days[0]?.day;
    if (!newest) return [];
    const byDay = new Map<string, StorageDay[]>();
    for (const d of storage.days) byDay.set(d.day!, [...(byDay.get(d.day!) ?? []), d]);
    const start = Date.parse(`${newest}T00:00:00Z`) - (shownDays - 1) * 86_400_000;
    return Array.from({ length: shownDays }, (_, i) => {
      const day = dayOf(new Date(start + i * 86_400_000));
      const parts = (byDay.get(day) ?? []).toSorted((a, b) => b.bytes - a.bytes);
      return { day, parts, total: parts.reduce((n, x) => n + x.bytes, 0) };
    });
  }, [storage.days]);
  const most = Math.max(1, ...days.map((d) => d.total));
  return (
    <>
      <div className={classes.days} aria-hidden>
        {days.map((d) => (
          <div key={d.day} className={classes.day} title={`${d.day}\n${bytes(d.total)}`}>
            <div className={classes.column}>
              {d.parts.map((x) => (
                <i key={x.type} style={{ height: `${(100 * x.bytes) / most}%`, background: color(x.type) }} />
              ))}
            </div>
            <span>{d.day.slice(8)}</span>
          </div>
        ))}
      </div>
      <div className={classes.legend} aria-hidden>
        {storage.types.map((s) => (
          <span key={s.type}>
            <i style={{ background: color(s.type) }} />
            {s.type}
          </span>
        ))}
      </div>
      <p className="y-dim">{t("storage.days", { n: shownDays })}</p>
    </>
  );
}

/** Stored is what lies on disk by day and log type. Days are UTC, as parts are. */
export function Stored() {
  const { t } = useTranslation("intake");
  const { data, error, refetch } = useApi("GET /intake/storage", {}, { every: 60_000 });
  if (error && !data) return <ErrorState problem={error} retry={() => refetch()} />;
  if (!data) return <Loading rows={8} />;
  const total = data.types.reduce((n, s) => n + s.bytes, 0);
  const raw = data.types.reduce((n, s) => n + s.raw_bytes, 0);
  const rows = data.types.reduce((n, s) => n + s.rows, 0);
  const free = data.disk.total > 0 ? data.disk.free / data.disk.total : 1;
  const columns = (byDay: boolean) => [
    ...(byDay
      ? [
          {
            key: "day",
            title: t("storage.day"),
            value: (s: StorageDay) => s.day ?? "",
            render: (s: StorageDay) => <Go to={eventsUrl(s.type, s.day!)}>{s.day}</Go>,
          },
        ]
      : []),
    { key: "type", title: t("record.type"), value: (s: StorageDay) => s.type },
    {
      key: "rows",
      title: t("column.events"),
      value: (s: StorageDay) => s.rows,
      render: (s: StorageDay) => num(s.rows),
      numeric: true,
    },
    {
      key: "parts",
      title: t("storage.parts"),
      value: (s: StorageDay) => s.parts,
      render: (s: StorageDay) => num(s.parts),
      numeric: true,
    },
    {
      key: "raw",
      title: t("storage.raw"),
      value: (s: StorageDay) => s.raw_bytes,
      render: (s: StorageDay) => bytes(s.raw_bytes),
      numeric: true,
    },
    {
      key: "bytes",
      title: t("storage.stored"),
      value: (s: StorageDay) => s.bytes,
      render: (s: StorageDay) => bytes(s.bytes),
      numeric: true,
    },
    {
      key: "ratio",
      title: t("storage.ratio"),
      value: (s: StorageDay) => (s.bytes > 0 ? s.raw_bytes / s.bytes : 0),
      render: (s: StorageDay) => (s.bytes > 0 && s.raw_bytes > 0 ? `${(s.raw_bytes / s.bytes).toFixed(1)} : 1` : "–"),
      numeric: true,
    },
  ];
  if (data.types.length === 0) return <EmptyState title={t("storage.none")} text={t("none.text")} />;
  return (
    <>
      <dl className={classes.numbers}>
        <div className="y-panel">
          <dt>{t("storage.stored")}</dt>
          <dd>{bytes(total)}</dd>
        </div>
        <div className="y-panel">
          <dt>{t("storage.raw")}</dt>
          <dd>{bytes(raw)}</dd>
        </div>
        <div className="y-panel">
          <dt>{t("storage.ratio")}</dt>
          <dd>{data.ratio > 0 ? `${data.ratio.toFixed(1)} : 1` : "–"}</dd>
        </div>
        <div className="y-panel">
          <dt>{t("column.events")}</dt>
          <dd>{compact(rows)}</dd>
        </div>
        <div className="y-panel" data-bad={free < 0.25 || undefined}>
          <dt>{t("storage.free")}</dt>
          <dd>{data.disk.total > 0 ? bytes(data.disk.free) : "–"}</dd>
          {data.disk.total > 0 && (
            <div className="y-dim">
              {t("storage.freeOf", { percent: Math.round(free * 100), total: bytes(data.disk.total) })}
            </div>
          )}
        </div>
      </dl>
      <Panel title={t("storage.byDay")}>
        <Days storage={data} />
      </Panel>
      <Panel title={t("storage.byType")} pad={false} className={classes.second}>
        <DataTable<StorageDay>
          label={t("storage.byType")}
          tools
          rows={data.types}
          rowKey={(s) => s.type}
          columns={columns(false)}
        />
      </Panel>
      <Panel title={t("storage.table")} pad={false} className={classes.second}>
        <DataTable<StorageDay>
          label={t("storage.table")}
          tools
          rows={data.days.slice(0, 400)}
          rowKey={(s) => `${s.day} ${s.type}`}
          columns={columns(true)}
        />
      </Panel>
    </>
  );
}
