import { ActionIcon, Select, Skeleton, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconAlertTriangle, IconChartBar, IconChartBarOff, IconZoomOut } from "@tabler/icons-react";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Scope, type Stats, useApi } from "@/api";
import type { FilterMode } from "@/state";
import { Loading, useLate } from "@/ui";
import { bytes, compact, num } from "@/ui/format";
import classes from "./Overview.module.css";
import type { Found } from "./useEvents";

const Histogram = lazy(() => import("@/charts/Histogram").then((m) => ({ default: m.Histogram })));

const choices = [
  "event.module",
  "event.action",
  "event.severity",
  "event.outcome",
  "source.geo.country_iso_code",
  "http.response.status_code",
];
const compares = ["", "previous", "day", "week"] as const;
const height = 132;

export interface OverviewProps {
  scope: Scope;
  found: Found;
  yes: boolean;
  by: string;
  compare: (typeof compares)[number];
  onBy: (by: string) => void;
  onCompare: (compare: (typeof compares)[number]) => void;
  onZoom: (from: number, to: number) => void;
  onZoomOut: () => void;
  onSeries: (key: string | null, mode: FilterMode) => void;
  titleOf: (field: string) => string | undefined;
}

/** Overview is the line of counts and costs, and the histogram. */
export function Overview(props: OverviewProps) {
  const { scope, found, by, compare } = props;
  const { t } = useTranslation("explore");
  const [shown, setShown] = useLocalStorage({
    key: "yagura.explore.histogram",
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  const field = by === "-" ? undefined : by;
  const histogram = useApi("POST /histogram", {
    body: { ...scope, by: field, compare: compare || undefined, buckets: 60, top: 8, yes: props.yes || undefined },
  });
  const data = histogram.data;
  const late = useLate(histogram.isPlaceholderData);
  const fields = useMemo(() => {
    const own = [...new Set([...choices, ...(field ? [field] : [])])];
    const known: Record<string, string> = {
      "event.module": t("by.type"),
      "event.action": t("by.action"),
      "event.severity": t("by.severity"),
      "event.outcome": t("by.outcome"),
    };
    return [{ value: "-", label: t("by.none") }, ...own.map((f) => ({ value: f, label: known[f] ?? f }))];
  }, [field, t]);
  return (
    <section className={classes.overview}>
      <div className={classes.line}>
        <div className={classes.counts} aria-live="polite">
          {data && !histogram.isPlaceholderData ? (
            <b className={classes.total} title={num(data.total)} data-total={data.total}>
              {t("counts.events", { count: data.total, shown: num(data.total) })}
            </b>
          ) : (
            <Skeleton width={92} height={14} visible={histogram.isFetching} />
          )}
        </div>
        <Cost stats={found.answer?.stats} whole={data?.stats} stale={found.stale} />
        <div className={classes.choices}>
          <Select
            aria-label={t("by.label")}
            data={fields}
            value={by}
            onChange={(v) => v && props.onBy(v)}
            allowDeselect={false}
            searchable
            w={160}
            leftSection={<span className="y-dim">{t("by.by")}</span>}
            leftSectionWidth={34}
            comboboxProps={{ width: 260, position: "bottom-end", shadow: "md" }}
          />
          <Select
            aria-label={t("compare.label")}
            data={compares.map((c) => ({ value: c, label: t(`compare.${c || "off"}`) }))}
            value={compare}
            onChange={(v) => props.onCompare(compares.find((c) => c === v) ?? "")}
            allowDeselect={false}
            w={142}
            comboboxProps={{ width: 200, position: "bottom-end", shadow: "md" }}
          />
          <Tooltip label={t("histogram.out")}>
            <ActionIcon onClick={props.onZoomOut} aria-label={t("histogram.out")}>
              <IconZoomOut size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t(shown ? "histogram.hide" : "histogram.show")}>
            <ActionIcon
              onClick={() => setShown(!shown)}
              aria-label={t(shown ? "histogram.hide" : "histogram.show")}
              aria-expanded={shown}
            >
              {shown ? <IconChartBarOff size={16} /> : <IconChartBar size={16} />}
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
      {shown && (
        <div className={classes.chart} style={{ minHeight: height + 26 }}>
          {histogram.error && histogram.error.status !== 400 && !found.problem ? (
            <p className={classes.failed} role="alert">
              <IconAlertTriangle size={15} aria-hidden /> {histogram.error.detail || histogram.error.title}
            </p>
          ) : found.problem && !data ? null : data ? (
            <Suspense fallback={<Loading height={height} />}>
              <Histogram
                data={data}
                zone={scope.zone ?? "UTC"}
                by={field}
                height={height}
                stale={late}
                onZoom={props.onZoom}
                onZoomOut={props.onZoomOut}
                onSeries={field ? props.onSeries : undefined}
              />
            </Suspense>
          ) : (
            <Loading height={height} />
          )}
        </div>
      )}
    </section>
  );
}

/** Cost says what the question read: rows, bytes, time. */
function Cost({ stats, whole, stale }: { stats?: Stats; whole?: Stats; stale: boolean }) {
  const { t } = useTranslation("explore");
  if (!stats) return <div className={classes.cost} />;
  const line = (s: Stats) =>
    t("cost.line", {
      rows: compact(s.rows),
      bytes: bytes(s.bytes),
      ms: num(s.elapsed_ms),
      read: num(s.parts_read),
      parts: num(s.parts),
    });
  const partial = stats.partial ?? whole?.partial;
  const sum = whole
    ? {
        ...stats,
        rows: stats.rows + whole.rows,
        bytes: stats.bytes + whole.bytes,
        elapsed_ms: Math.max(stats.elapsed_ms, whole.elapsed_ms),
      }
    : stats;
  return (
    <div className={classes.cost} data-cost>
      <Tooltip
        multiline
        label={
          <>
            <div>{t("cost.query", { line: line(stats) })}</div>
            {whole && <div>{t("cost.histogram", { line: line(whole) })}</div>}
            {stats.cached && <div>{t("cost.cached")}</div>}
          </>
        }
      >
        <span className={stale ? "y-stale" : undefined}>
          {t("cost.short", { rows: compact(sum.rows), bytes: bytes(sum.bytes), ms: num(sum.elapsed_ms) })}
          {stats.cached && ` · ${t("cost.cachedShort")}`}
        </span>
      </Tooltip>
      {partial && (
        <Tooltip label={partial} multiline maw={380}>
          <span className={classes.partial}>
            <IconAlertTriangle size={13} aria-hidden /> {t("cost.partial")}
          </span>
        </Tooltip>
      )}
    </div>
  );
}
