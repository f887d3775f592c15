import { UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Histogram as Data } from "@/api";
import type { FilterMode } from "@/state";
import { colorOf, type Palette, usePalette } from "@/theme/colors";
import { compact, country, date, num, visible } from "@/ui/format";
import type { EChartsCoreOption } from "./echarts";
import classes from "./Histogram.module.css";
import { useChart } from "./useChart";

export interface HistogramProps {
  data: Data;
  /** IANA name; edges and labels are of its clock. */
  zone: string;
  /** The field of the series; empty = all events are one series. */
  by?: string;
  height?: number;
  /** A new answer is on its way: the old one is greyed. */
  stale?: boolean;
  /** A stretch was drawn with the pointer: ms since 1970, on edges of buckets. Absent = no drawing. */
  onZoom?: (from: number, to: number) => void;
  /** Double click. */
  onZoomOut?: () => void;
  /** A name of the legend was pressed: filter for it, with shift out. null = the field is absent. */
  onSeries?: (key: string | null, mode: FilterMode) => void;
}

/** Room around the bars, px. Fixed, so that a place of the pointer is a bucket by division. */
const room = { left: 46, right: 10, top: 8, bottom: 22 };

/** fixedBy says which fixed colours the values of a field have. */
export function fixedBy(field = ""): "severity" | "action" | undefined {
  if (/severity$/.test(field)) return "severity";
  return /(action|outcome|type|verdict|status)$/.test(field) ? "action" : undefined;
}

/** label shortens the start of a bucket for the axis: clock within a day and a half, day and clock within four, else the day. */
export function axisLabel(ms: number, range: number, zone: string): string {
  const day = 86_400_000;
  if (range <= 1.5 * day) return date(ms, zone, "clock");
  if (range <= 4 * day) return `${date(ms, zone, "day")} ${date(ms, zone, "clock")}`;
  return date(ms, zone, "day");
}

interface Drawn {
  name: string;
  color: string;
  counts: number[];
  key: string | null;
  fixed: boolean;
}

function useSeries(data: Data, by: string | undefined, p: Palette): Drawn[] {
  const { t } = useTranslation("explore");
  return useMemo(() => {
    const kind = fixedBy(by);
    return data.series.map((s, i) => {
      const all = !by;
      const name = s.other
        ? t("histogram.other")
        : all
          ? t("histogram.events")
          : s.key === null
            ? t("histogram.none")
            : by?.endsWith("country_iso_code")
              ? country(s.key)
              : visible(s.key, 60);
      return {
        name,
        key: s.key,
        counts: s.counts,
        fixed: all || Boolean(s.other),
        color: s.other ? p.other : all ? p.series[0]! : colorOf(p, s.key, i, kind),
      };
    });
  }, [data, by, p, t]);
}

/**
 * Histogram shows counts over time as stacked bars, an earlier period as a line over them.
 * Drag zooms, double click zooms out, the legend filters. The same numbers stand in a hidden table for screen readers.
 */
export function Histogram(props: HistogramProps) {
  const { data, zone, by, height = 132, stale, onZoom, onZoomOut, onSeries } = props;
  const { t } = useTranslation("explore");
  const p = usePalette();
  const host = useRef<HTMLDivElement>(null);
  const series = useSeries(data, by, p);
  const previous = data.previous;
  const starts = useMemo(() => data.buckets.map((b) => Date.parse(b)), [data.buckets]);
  const end = data.end ? Date.parse(data.end) : 2 * starts.at(-1)! - (starts.at(-2) ?? starts.at(-1)! - 1);
  const option = useMemo(
    () =>
      makeOption({
        data,
        series,
        starts,
        end,
        zone,
        p,
        previous: t("histogram.previous"),
        total: t("histogram.total"),
      }),
    [data, series, starts, end, zone, p, t],
  );
  useChart(host, option);
  const [drawn, setDrawn] = useState<{ a: number; b: number }>();
  const origin = useRef<number>(undefined);

  const place = (clientX: number) => {
    const box = host.current!.getBoundingClientRect();
    return Math.min(box.width - room.right, Math.max(room.left, clientX - box.left));
  };
  const index = (x: number) => ((x - room.left) / (host.current!.clientWidth - room.left - room.right)) * starts.length;
  const finish = (b: number) => {
    const a = origin.current;
    origin.current = undefined;
    setDrawn(undefined);
    if (a === undefined || Math.abs(a - b) < 6 || !onZoom) return;
    const first = Math.floor(index(Math.min(a, b)) + 0.15);
    const last = Math.ceil(index(Math.max(a, b)) - 0.15);
    onZoom(
      starts[Math.min(first, starts.length - 1)]!,
      last >= starts.length ? end : starts[Math.max(last, first + 1)]!,
    );
  };

  const total = num(data.total);
  return (
    <figure className={classes.figure} data-stale={stale || undefined} aria-label={t("histogram.label", { total })}>
      <div
        className={classes.stage}
        style={{ height }}
        data-histogram
        onPointerDown={(e) => {
          if (e.button !== 0 || !onZoom) return;
          origin.current = place(e.clientX);
          e.currentTarget.setPointerCapture(e.pointerId);
        }}
        onPointerMove={(e) => {
          if (origin.current !== undefined) setDrawn({ a: origin.current, b: place(e.clientX) });
        }}
        onPointerUp={(e) => finish(place(e.clientX))}
        onPointerCancel={() => finish(origin.current ?? 0)}
        onDoubleClick={onZoomOut}
      >
        <div ref={host} className={classes.canvas} aria-hidden />
        {drawn && (
          <div
            className={classes.brush}
            style={{
              left: Math.min(drawn.a, drawn.b),
              width: Math.abs(drawn.a - drawn.b),
              top: room.top,
              bottom: room.bottom,
            }}
          />
        )}
      </div>
      <figcaption className={classes.legend}>
        {by &&
          series.map((s, i) => {
            const sum = s.counts.reduce((x, y) => x + y, 0);
            const text = (
              <>
                <i style={{ background: s.color }} aria-hidden />
                <bdi className="y-cut">{s.name}</bdi>
                <span className={classes.count} title={num(sum)}>
                  {compact(sum)}
                </span>
              </>
            );
            return s.fixed || !onSeries ? (
              <span key={i} className={classes.item}>
                {text}
              </span>
            ) : (
              <UnstyledButton
                key={i}
                className={classes.item}
                data-series={s.key ?? ""}
                title={t("histogram.legend")}
                onClick={(e) => onSeries(s.key, e.shiftKey ? "out" : "for")}
              >
                {text}
              </UnstyledButton>
            );
          })}
        {previous && (
          <span className={classes.item}>
            <i className={classes.line} style={{ borderColor: p.text }} aria-hidden />
            <span className="y-cut">
              {t("histogram.previous")} {date(previous.from, zone)} – {date(previous.to, zone)}
            </span>
            <span className={classes.count}>{compact(previous.counts.reduce((x, y) => x + y, 0))}</span>
          </span>
        )}
      </figcaption>
      <Twin
        series={series}
        starts={starts}
        zone={zone}
        previous={previous?.counts}
        caption={t("histogram.label", { total })}
      />
    </figure>
  );
}

/** The numbers of the chart as a table nobody sees. Empty buckets are left out. */
function Twin({
  series,
  starts,
  zone,
  previous,
  caption,
}: {
  series: Drawn[];
  starts: number[];
  zone: string;
  previous?: number[];
  caption: string;
}) {
  const { t } = useTranslation("explore");
  const rows = starts.flatMap((s, i) => (series.some((x) => x.counts[i]) || previous?.[i] ? [{ s, i }] : []));
  return (
    <VisuallyHidden>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t("histogram.time")}</th>
            {series.map((s, i) => (
              <th key={i} scope="col">
                {s.name}
              </th>
            ))}
            {previous && <th scope="col">{t("histogram.previous")}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ s, i }) => (
            <tr key={s}>
              <th scope="row">{date(s, zone)}</th>
              {series.map((x, j) => (
                <td key={j}>{num(x.counts[i] ?? 0)}</td>
              ))}
              {previous && <td>{num(previous[i] ?? 0)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </VisuallyHidden>
  );
}

interface Parts {
  data: Data;
  series: Drawn[];
  starts: number[];
  end: number;
  zone: string;
  p: Palette;
  previous: string;
  total: string;
}

function makeOption({ data, series, starts, end, zone, p, previous, total }: Parts): EChartsCoreOption {
  const range = end - (starts[0] ?? end);
  const shown = data.previous?.counts.slice(0, starts.length);
  return {
    animation: false,
    grid: { ...room },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: p.accent, opacity: 0.08 } },
      confine: true,
      appendTo: () => document.body,
      backgroundColor: p.panel,
      borderColor: p.line,
      padding: [8, 10],
      textStyle: { color: p.text, fontSize: 12 },
      formatter: (items: { dataIndex: number }[]) => {
        const i = items[0]?.dataIndex ?? 0;
        return tip(i, {
          series,
          from: starts[i]!,
          to: starts[i + 1] ?? end,
          zone,
          p,
          shown: shown?.[i],
          previous,
          total,
        });
      },
    },
    xAxis: {
      type: "category",
      data: starts.map((s) => axisLabel(s, range, zone)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: p.line } },
      axisLabel: { color: p.dim, fontSize: 11, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      splitNumber: 3,
      minInterval: 1,
      splitLine: { lineStyle: { color: p.line } },
      axisLabel: { color: p.dim, fontSize: 11, formatter: (n: number) => compact(n) },
    },
    series: [
      ...series.map((s) => ({
        type: "bar",
        name: s.name,
        stack: "all",
        data: s.counts,
        barCategoryGap: starts.length > 80 ? "8%" : "18%",
        itemStyle: { color: s.color },
        emphasis: { disabled: true },
      })),
      ...(shown
        ? [
            {
              type: "line",
              name: previous,
              data: shown,
              symbol: "none",
              step: false,
              lineStyle: { color: p.text, width: 1.6, type: [4, 3] },
              z: 5,
              silent: true,
            },
          ]
        : []),
    ],
  };
}

/** The box under the pointer, built from nodes: names come from logs and are never read as HTML. */
function tip(
  i: number,
  o: {
    series: Drawn[];
    from: number;
    to: number;
    zone: string;
    p: Palette;
    shown?: number;
    previous: string;
    total: string;
  },
): HTMLElement {
  const box = document.createElement("div");
  box.className = classes.tip!;
  const head = box.appendChild(document.createElement("div"));
  head.className = classes.tipHead!;
  head.textContent = `${date(o.from, o.zone)} – ${date(o.to, o.zone, o.to - o.from < 60_000 ? "second" : "clock")}`;
  const line = (name: string, n: number, color?: string, strong = false) => {
    const row = box.appendChild(document.createElement("div"));
    row.className = classes.tipRow!;
    const dot = row.appendChild(document.createElement("i"));
    if (color) dot.style.background = color;
    const text = row.appendChild(document.createElement("bdi"));
    text.textContent = name;
    const count = row.appendChild(document.createElement(strong ? "b" : "span"));
    count.textContent = num(n);
  };
  const some = o.series.filter((s) => s.counts[i]);
  for (const s of some.toReversed()) line(s.name, s.counts[i]!, s.color);
  if (some.length !== 1)
    line(
      o.total,
      o.series.reduce((n, s) => n + (s.counts[i] ?? 0), 0),
      undefined,
      true,
    );
  if (o.shown !== undefined) line(o.previous, o.shown);
  return box;
}
