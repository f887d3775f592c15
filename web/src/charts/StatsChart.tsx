import { VisuallyHidden } from "@mantine/core";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Cell, Column } from "@/api";
import { colorOf, usePalette } from "@/theme/colors";
import { cell, compact, date, num } from "@/ui/format";
import type { EChartsCoreOption } from "./echarts";
import { axisLabel, fixedBy } from "./Histogram";
import { useChart } from "./useChart";

export interface StatsChartProps {
  columns: Column[];
  rows: Cell[][];
  /** By column: the key it is, or undefined for a value. */
  keys: ({ field: string; time?: string } | undefined)[];
  /** Places of the value columns. */
  values: number[];
  kind: "bar" | "line";
  zone: string;
}

const mostGroups = 40;
const mostSeries = 10;

/** StatsChart draws rows of statistics: over time when there is a time bucket (a series a group), else as bars a group. */
export function StatsChart({ columns, rows, keys, values, kind, zone }: StatsChartProps) {
  const { t } = useTranslation("explore");
  const p = usePalette();
  const host = useRef<HTMLDivElement>(null);
  const made = useMemo(() => arrange(columns, rows, keys, values, zone), [columns, rows, keys, values, zone]);
  const colors = useMemo(() => {
    const used = new Set<string>();
    return made.series.map((s, i) => {
      const fixed = colorOf(p, s.key, i, fixedBy(made.field));
      const color = used.has(fixed) ? (p.series.find((c) => !used.has(c)) ?? fixed) : fixed;
      used.add(color);
      return color;
    });
  }, [made, p]);
  const option = useMemo<EChartsCoreOption>(() => {
    const flat = !made.time && kind === "bar";
    const category = {
      type: "category",
      data: made.labels,
      inverse: flat,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: p.line } },
      axisLabel: { color: p.dim, fontSize: 11, hideOverlap: !flat, width: 220, overflow: "truncate" },
    };
    const value = {
      type: "value",
      splitLine: { lineStyle: { color: p.line } },
      axisLabel: { color: p.dim, fontSize: 11, formatter: (n: number) => compact(n) },
    };
    return {
      animation: false,
      grid: { left: 12, right: 24, top: 12, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      tooltip: {
        trigger: "axis",
        confine: true,
        backgroundColor: p.panel,
        borderColor: p.line,
        textStyle: { color: p.text, fontSize: 12 },
        axisPointer: { type: kind === "bar" ? "shadow" : "line" },
        formatter: (items: { dataIndex: number; seriesIndex: number }[]) => {
          const box = document.createElement("div");
          const head = box.appendChild(document.createElement("b"));
          head.textContent = made.labels[items[0]?.dataIndex ?? 0] ?? "";
          for (const x of items) {
            const n = made.series[x.seriesIndex]?.data[x.dataIndex];
            if (n === null || n === undefined) continue;
            const line = box.appendChild(document.createElement("div"));
            line.textContent = `${made.series[x.seriesIndex]!.name}: ${num(n)}`;
          }
          return box;
        },
      },
      xAxis: flat ? value : category,
      yAxis: flat ? category : value,
      series: made.series.map((s, i) => ({
        type: kind,
        name: s.name,
        data: s.data,
        stack: kind === "bar" && made.time ? "all" : undefined,
        symbol: "none",
        lineStyle: { width: 2 },
        itemStyle: { color: colors[i] },
        connectNulls: false,
        emphasis: { disabled: true },
      })),
    };
  }, [made, kind, p, colors]);
  useChart(host, option);
  return (
    <figure
      style={{ margin: 0, padding: 12, flex: 1, minHeight: 300, display: "flex", flexDirection: "column" }}
      aria-label={t("stats.label")}
    >
      <div ref={host} aria-hidden style={{ flex: 1, minHeight: 260 }} data-stats-chart={kind} />
      {made.series.length > 1 && (
        <figcaption style={{ display: "flex", flexWrap: "wrap", gap: "2px 14px", fontSize: "0.75rem" }}>
          {made.series.map((s, i) => (
            <span key={s.name} style={{ display: "inline-flex", alignItems: "center", gap: 6 }}>
              <i style={{ width: 9, height: 9, borderRadius: 2, background: colors[i] }} aria-hidden />
              <bdi>{s.name}</bdi>
            </span>
          ))}
        </figcaption>
      )}
      <VisuallyHidden>
        <table>
          <caption>{t("stats.label")}</caption>
          <thead>
            <tr>
              <th scope="col">{columns[keys.findIndex(Boolean)]?.name}</th>
              {made.series.map((s) => (
                <th key={s.name} scope="col">
                  {s.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {made.labels.map((l, i) => (
              <tr key={i}>
                <th scope="row">{l}</th>
                {made.series.map((s) => (
                  <td key={s.name}>{s.data[i] === null ? "" : num(s.data[i] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}

interface Arranged {
  time: boolean;
  field: string;
  labels: string[];
  series: { name: string; key: string | null; data: (number | null)[] }[];
}

/** arrange lays rows out as labels and series. With a bucket and one value, each combination of the other keys is a series; the biggest ten are drawn. */
export function arrange(
  columns: Column[],
  rows: Cell[][],
  keys: StatsChartProps["keys"],
  values: number[],
  zone: string,
): Arranged {
  const time = keys.findIndex((k) => k?.time === "bucket");
  const others = keys.flatMap((k, i) => (k && i !== time ? [i] : []));
  const nameOf = (r: Cell[]) => others.map((i) => cell(r[i])).join(" · ");
  const number = (v: Cell | undefined) => (typeof v === "number" ? v : null);
  const field = keys[others[0] ?? -1]?.field ?? "";
  if (time < 0) {
    const shown = rows.slice(0, mostGroups);
    return {
      time: false,
      field,
      labels: shown.map(nameOf),
      series: values.map((v) => ({
        name: columns[v]!.name,
        key: columns[v]!.name,
        data: shown.map((r) => number(r[v])),
      })),
    };
  }
  const starts = [...new Set(rows.map((r) => Date.parse(String(r[time]))))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const range = (starts.at(-1) ?? 0) - (starts[0] ?? 0);
  const at = new Map(starts.map((s, i) => [s, i]));
  const found = new Map<string, { name: string; key: string | null; data: (number | null)[]; sum: number }>();
  // Counts and averages of several groups do not belong on one axis: with groups, only the first value is drawn.
  const drawn = others.length > 0 ? values.slice(0, 1) : values;
  for (const r of rows) {
    const place = at.get(Date.parse(String(r[time])));
    if (place === undefined) continue;
    for (const v of drawn) {
      const group = nameOf(r);
      const name = group === "" ? columns[v]!.name : group;
      const s = found.get(name) ?? {
        name,
        key: group === "" ? columns[v]!.name : String(r[others[0]!] ?? ""),
        data: starts.map(() => null),
        sum: 0,
      };
      s.data[place] = number(r[v]);
      s.sum += number(r[v]) ?? 0;
      found.set(name, s);
    }
  }
  const series = [...found.values()].sort((a, b) => b.sum - a.sum).slice(0, mostSeries);
  const span = starts.length > 1 ? range : 0;
  return {
    time: true,
    field,
    labels: starts.map((s) => (span === 0 ? date(s, zone) : axisLabel(s, span, zone))),
    series,
  };
}
