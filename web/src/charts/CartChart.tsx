import { Menu, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Cell } from "@/api";
import { go } from "@/app/router";
import { type Palette, usePalette } from "@/theme/colors";
import { compact, date, num } from "@/ui/format";
import classes from "./charts.module.css";
import { colorsFor, inRank, kindOf, ofPlace } from "./colors";
import type { EChartsCoreOption } from "./echarts";
import { axisLabel } from "./Histogram";
import {
  amount,
  type ChartProps,
  columnTitle,
  type DataSet,
  keyPlaces,
  keyText,
  number,
  type Picked,
  valuePlaces,
} from "./model";
import { useChart } from "./useChart";

const room = { left: 48, right: 12, top: 10, bottom: 22 };
const mostSeries = 10;

export interface Series {
  name: string;
  color: string;
  data: (number | null)[];
  /** What its events are, without the time. */
  picked: Picked;
  /** Only where numbers may be added up: never of percentiles, averages or distinct values. */
  sum?: number;
}

export interface Laid {
  time: boolean;
  labels: string[];
  /** Starts of pieces of time, ms since 1970, and the end of the last. */
  starts: number[];
  end: number;
  values: Cell[];
  series: Series[];
}

/** lay puts rows on two axes: the first key along the axis, a second key or several numbers as series. */
export function lay(
  data: DataSet,
  p: Palette,
  colors: string | undefined,
  zone: string,
  titleOf: ChartProps["titleOf"],
): Laid {
  const [k, k2] = keyPlaces(data);
  const values = valuePlaces(data);
  const none: Laid = { time: false, labels: [], starts: [], end: 0, values: [], series: [] };
  if (k === undefined || values.length === 0) return none;
  const axis = data.columns[k]!;
  const time = Boolean(axis.time || axis.kind === "time");
  const idOf = (v: Cell | undefined) => (time ? String(Date.parse(String(v))) : String(v ?? null));
  const seen = data.buckets?.length ? data.buckets : [...new Set(data.rows.map((r) => r[k] ?? null))];
  const ids = [...new Set(seen.map((v) => idOf(v)))];
  if (time) ids.sort((a, b) => Number(a) - Number(b));
  const at = new Map(ids.map((id, i) => [id, i]));
  const starts = time ? ids.map(Number) : [];
  const width = starts.length > 1 ? starts.at(-1)! - starts.at(-2)! : 3_600_000;
  const end = data.end ? Date.parse(data.end) : (starts.at(-1) ?? 0) + width;
  // A count of nothing is 0; an average or a percentile of nothing is not there.
  const adds = (v: number) => /^(count|sum|distinct)$/.test(data.columns[v]!.func ?? "count");
  const gap = time && values.every(adds) ? 0 : null;
  const blank = () => ids.map((): number | null => gap);
  let series: Series[];
  if (k2 !== undefined) {
    const c2 = data.columns[k2]!;
    const by = new Map<string, { value: Cell; data: (number | null)[]; sum: number }>();
    for (const r of data.rows) {
      const id = String(r[k2] ?? null);
      const s = by.get(id) ?? { value: r[k2] ?? null, data: blank(), sum: 0 };
      const i = at.get(idOf(r[k]));
      if (i !== undefined) {
        s.data[i] = (s.data[i] ?? 0) + number(r[values[0]!]);
        s.sum += number(r[values[0]!]);
      }
      by.set(id, s);
    }
    const most = [...by.values()].sort((a, b) => b.sum - a.sum).slice(0, mostSeries);
    const list = inRank(most, kindOf(c2.field, colors));
    const own = colorsFor(
      p,
      c2.field ?? "",
      list.map((s) => s.value),
      kindOf(c2.field, colors),
    );
    series = list.map((s, i) => ({
      ...s,
      sum: /^(count|sum)$/.test(data.columns[values[0]!]!.func ?? "count") ? s.sum : undefined,
      name: keyText(c2, s.value, zone, 60),
      color: own[i]!,
      picked: { filters: c2.field && !c2.part ? [{ field: c2.field, value: s.value }] : [] },
    }));
  } else {
    const names = values.map((v) => data.columns[v]!.name);
    const own = ofPlace(p, names, colors);
    series = values.map((v, j) => {
      const s = blank();
      let sum = 0;
      for (const r of data.rows) {
        const i = at.get(idOf(r[k]));
        if (i === undefined) continue;
        s[i] = typeof r[v] === "number" ? r[v] : gap;
        sum += number(r[v]);
      }
      return {
        name: columnTitle(data.columns[v]!, titleOf),
        color: own[j]!,
        data: s,
        sum: /^(count|sum)$/.test(data.columns[v]!.func ?? "count") ? sum : undefined,
        picked: { filters: [], name: values.length > 1 ? data.columns[v]!.name : undefined },
      };
    });
  }
  const span = end - (starts[0] ?? end);
  const values1 = time ? [] : ids.map((id) => data.rows.find((r) => idOf(r[k]) === id)?.[k] ?? null);
  return {
    time,
    starts,
    end,
    values: values1,
    labels: time ? starts.map((s) => axisLabel(s, span, zone)) : values1.map((v) => keyText(axis, v, zone, 60)),
    series,
  };
}

/**
 * CartChart draws bars, lines or areas over time or over values. Drawing a stretch zooms, pressing opens what there is at that place, the
 * legend filters. The numbers stand in a hidden table too.
 */
export default function CartChart(props: ChartProps & { kind: "bar" | "line" | "area" }) {
  const { data, previous, options, zone, drill, label, titleOf, kind } = props;
  const { t } = useTranslation("charts");
  const p = usePalette();
  const host = useRef<HTMLDivElement>(null);
  const laid = useMemo(() => lay(data, p, options.colors, zone, titleOf), [data, p, options.colors, zone, titleOf]);
  const past = useMemo(() => {
    if (!previous || !laid.time) return undefined;
    const old = lay(previous, p, options.colors, zone, titleOf);
    return laid.starts.map((_, i) => old.series.reduce((a, s) => a + (s.data[i] ?? 0), 0));
  }, [previous, laid, p, options.colors, zone, titleOf]);
  const stacked = Boolean(options.stacked || (kind === "bar" && laid.series.length > 1 && keyPlaces(data).length > 1));
  const option = useMemo(
    () =>
      makeOption({
        laid,
        past: laid.series.length === 1 || stacked ? past : undefined,
        kind,
        stacked,
        log: Boolean(options.log),
        share: Boolean(options.percent),
        unit: options.unit,
        p,
        zone,
        texts: { total: t("total"), previous: t("previous") },
      }),
    [laid, past, kind, stacked, options, p, zone, t],
  );
  useChart(host, option);
  const [drawn, setDrawn] = useState<{ a: number; b: number }>();
  const [menu, setMenu] = useState<{ x: number; y: number; i: number }>();
  const origin = useRef<number>(undefined);
  const n = laid.labels.length;
  const place = (clientX: number) => {
    const box = host.current!.getBoundingClientRect();
    return Math.min(box.width - room.right, Math.max(room.left, clientX - box.left));
  };
  const index = (x: number) => ((x - room.left) / (host.current!.clientWidth - room.left - room.right)) * n;
  const endOf = (i: number) => laid.starts[i + 1] ?? laid.end;
  const finish = (b: number, e: React.PointerEvent) => {
    const a = origin.current;
    origin.current = undefined;
    setDrawn(undefined);
    if (a === undefined || n === 0) return;
    if (Math.abs(a - b) < 6) {
      const i = Math.min(n - 1, Math.max(0, Math.floor(index(b))));
      if (e.altKey || !laid.time) drill.pick(at(i), e);
      else setMenu({ x: e.clientX, y: e.clientY, i });
      return;
    }
    if (!laid.time) return;
    const first = Math.max(0, Math.min(n - 1, Math.floor(index(Math.min(a, b)) + 0.15)));
    const last = Math.min(n - 1, Math.max(first, Math.ceil(index(Math.max(a, b)) - 0.15) - 1));
    drill.zoom(laid.starts[first]!, endOf(last));
  };
  const at = (i: number, s?: Series): Picked => ({
    name: s?.picked.name,
    filters: [
      ...(laid.time || !data.columns[keyPlaces(data)[0]!]?.field
        ? []
        : [{ field: data.columns[keyPlaces(data)[0]!]!.field!, value: laid.values[i]! }]),
      ...(s?.picked.filters ?? []),
    ],
    span: laid.time ? { from: laid.starts[i]!, to: endOf(i) } : undefined,
  });
  const unit = amount(options.unit);
  const legend = laid.series.length > 1 || past !== undefined;
  const step = (by: number) => {
    const i = Math.min(n - 1, Math.max(0, (menu?.i ?? (by > 0 ? -1 : n)) + by));
    const box = host.current!.getBoundingClientRect();
    setMenu({
      x: box.left + room.left + ((i + 0.5) / n) * (box.width - room.left - room.right),
      y: box.top + box.height / 2,
      i,
    });
  };
  return (
    <figure className={classes.figure} aria-label={label}>
      {legend && (
        <figcaption className={classes.row}>
          {laid.series.map((s) => (
            <UnstyledButton
              key={s.name}
              className={classes.legendItem}
              disabled={s.picked.filters.length === 0 && !s.picked.name}
              title={s.picked.filters.length > 0 ? `${s.name} — ${t("legend")}` : t("toEvents")}
              data-series={s.name}
              onClick={(e) => (s.picked.filters.length > 0 ? drill.pick(s.picked, e) : go(drill.link(s.picked)))}
            >
              <i style={{ background: s.color }} aria-hidden />
              <bdi>{s.name}</bdi>
              <span className="y-dim">{s.sum === undefined ? "" : unit.short(s.sum)}</span>
            </UnstyledButton>
          ))}
          {past && (
            <span className={classes.legendItem}>
              <i className={classes.dash} style={{ borderColor: p.dim }} aria-hidden />
              {t("previous")}
              <span className="y-dim">{unit.short(past.reduce((a, x) => a + x, 0))}</span>
            </span>
          )}
        </figcaption>
      )}
      <div
        className={classes.stage}
        data-time={laid.time || undefined}
        data-chart={kind}
        tabIndex={0}
        role="group"
        aria-label={t(laid.time ? "stageTime" : "stage", { label })}
        onKeyDown={(e) => {
          if (e.key !== "ArrowRight" && e.key !== "ArrowLeft" && e.key !== "Enter") return;
          if (e.target !== e.currentTarget) return;
          e.preventDefault();
          step(e.key === "ArrowLeft" ? -1 : 1);
        }}
        onPointerDown={(e) => {
          if (e.button !== 0) return;
          origin.current = place(e.clientX);
          e.currentTarget.setPointerCapture(e.pointerId);
        }}
        onPointerMove={(e) => {
          if (origin.current !== undefined && laid.time) setDrawn({ a: origin.current, b: place(e.clientX) });
        }}
        onPointerUp={(e) => finish(place(e.clientX), e)}
        onPointerCancel={() => {
          origin.current = undefined;
          setDrawn(undefined);
        }}
      >
        <div ref={host} className={classes.canvas} aria-hidden />
        {drawn && Math.abs(drawn.a - drawn.b) > 5 && (
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
      {menu && (
        <Menu
          opened
          onClose={() => setMenu(undefined)}
          position="bottom-start"
          transitionProps={{ duration: 0 }}
          trapFocus
        >
          <Menu.Target>
            <span aria-hidden style={{ position: "fixed", left: menu.x, top: menu.y, width: 1, height: 1 }} />
          </Menu.Target>
          <Menu.Dropdown aria-label={laid.labels[menu.i]}>
            <Menu.Label>
              {laid.time
                ? `${date(laid.starts[menu.i]!, zone)} – ${date(endOf(menu.i), zone, "clock")}`
                : laid.labels[menu.i]}
            </Menu.Label>
            {laid.time && (
              <Menu.Item onClick={() => drill.zoom(laid.starts[menu.i]!, endOf(menu.i))}>{t("zoom")}</Menu.Item>
            )}
            {laid.series.map((s) => (
              <Menu.Item
                key={s.name}
                component="a"
                onClick={() => go(drill.link(at(menu.i, s)))}
                leftSection={<i className={classes.menuDot} style={{ background: s.color }} />}
                rightSection={<span className="y-dim">{unit.short(s.data[menu.i] ?? 0)}</span>}
              >
                {t("eventsOf", { time: s.name })}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <VisuallyHidden>
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th scope="col">{columnTitle(data.columns[0]!, titleOf)}</th>
              {laid.series.map((s) => (
                <th key={s.name} scope="col">
                  {s.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {laid.labels.slice(0, 120).map((l, i) => (
              <tr key={i}>
                <th scope="row">{laid.time ? date(laid.starts[i]!, zone) : l}</th>
                {laid.series.map((s) => (
                  <td key={s.name}>{unit.full(s.data[i] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}

interface Parts {
  laid: Laid;
  past?: number[];
  kind: "bar" | "line" | "area";
  stacked: boolean;
  log: boolean;
  share: boolean;
  unit?: string;
  p: Palette;
  zone: string;
  texts: { total: string; previous: string };
}

function makeOption({ laid, past, kind, stacked, log, share, unit, p, zone, texts }: Parts): EChartsCoreOption {
  const u = amount(unit);
  const sums = laid.labels.map((_, i) => laid.series.reduce((a, s) => a + (s.data[i] ?? 0), 0));
  const shown = (s: Series) => {
    // On a logarithmic scale nothing lies at the foot; what comes after the last event is left open.
    const last = log ? s.data.findLastIndex((n) => n !== null && n > 0) : s.data.length;
    return s.data.map((n, i) => {
      if (share) return sums[i] ? (n ?? 0) / sums[i]! : 0;
      if (log && i > last) return null;
      return log && n !== null && n < 1 ? 1 : n;
    });
  };
  const axis = share ? "percent" : unit;
  const short = axis && axis !== "count" ? amount(axis).short : compact;
  return {
    animation: false,
    grid: { ...room },
    tooltip: {
      trigger: "axis",
      axisPointer: {
        type: kind === "bar" ? "shadow" : "line",
        lineStyle: { color: p.dim },
        shadowStyle: { color: p.accent, opacity: 0.08 },
      },
      confine: true,
      appendTo: () => document.body,
      backgroundColor: p.panel,
      borderColor: p.line,
      padding: [8, 10],
      textStyle: { color: p.text, fontSize: 12 },
      formatter: (items: { dataIndex: number }[]) => {
        const i = items[0]?.dataIndex ?? 0;
        const box = document.createElement("div");
        box.className = classes.axisTip!;
        const head = box.appendChild(document.createElement("b"));
        head.textContent = laid.time
          ? `${date(laid.starts[i]!, zone)} – ${date(laid.starts[i + 1] ?? laid.end, zone, "clock")}`
          : (laid.labels[i] ?? "");
        const line = (name: string, text: string, color?: string) => {
          const row = box.appendChild(document.createElement("div"));
          const dot = row.appendChild(document.createElement("i"));
          if (color) dot.style.background = color;
          row.appendChild(document.createElement("bdi")).textContent = name;
          row.appendChild(document.createElement("span")).textContent = text;
        };
        for (const s of laid.series) {
          const n = s.data[i];
          if (n)
            line(s.name, share ? `${u.full(n)} (${amount("percent").full(n / (sums[i] || 1))})` : u.full(n), s.color);
        }
        if (stacked && laid.series.length > 1) line(texts.total, u.full(sums[i]!));
        else if (laid.series.every((s) => !s.data[i])) line(texts.total, num(0));
        if (past) line(texts.previous, u.full(past[i] ?? 0));
        return box;
      },
    },
    xAxis: {
      type: "category",
      data: laid.labels,
      boundaryGap: true,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: p.line } },
      axisLabel: {
        color: p.dim,
        fontSize: 11,
        hideOverlap: true,
        showMaxLabel: false,
        width: laid.time ? undefined : 90,
        overflow: "truncate",
      },
    },
    yAxis: {
      type: log ? "log" : "value",
      ...(log ? { min: 1, logBase: 10 } : { min: 0 }),
      ...(share ? { max: 1 } : {}),
      splitNumber: 3,
      minInterval: share || unit ? undefined : 1,
      splitLine: { lineStyle: { color: p.line } },
      axisLabel: { color: p.dim, fontSize: 11, formatter: (n: number) => short(n) },
    },
    series: [
      ...laid.series.map((s) => ({
        type: kind === "bar" ? "bar" : "line",
        name: s.name,
        stack: stacked || share ? "all" : undefined,
        data: shown(s),
        symbol: "none",
        connectNulls: log,
        barCategoryGap: laid.time ? "16%" : "34%",
        barMaxWidth: laid.time ? undefined : 64,
        itemStyle: { color: s.color, borderRadius: stacked ? 0 : [2, 2, 0, 0] },
        lineStyle: { width: kind === "area" && (stacked || share) ? 1 : 2, color: s.color },
        areaStyle: kind === "area" ? { color: s.color, opacity: stacked || share ? 0.55 : 0.16 } : undefined,
        emphasis: { disabled: true },
      })),
      ...(past && !share
        ? [
            {
              type: "line",
              name: texts.previous,
              data: past.map((n) => (log && n < 1 ? 1 : n)),
              symbol: "none",
              lineStyle: { color: p.dim, width: 1.6, type: [4, 3] },
              z: 5,
              silent: true,
            },
          ]
        : []),
    ],
  };
}
