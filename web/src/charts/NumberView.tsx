import { useTranslation } from "react-i18next";
import type { Cell } from "@/api";
import { usePalette } from "@/theme/colors";
import { compact, num, percent } from "@/ui/format";
import { Go } from "@/ui/Go";
import classes from "./charts.module.css";
import { kindOf, ofPlace } from "./colors";
import {
  amount,
  before,
  type ChartProps,
  columnTitle,
  type DataSet,
  keyPlaces,
  keyText,
  number,
  pickedOf,
  valuePlaces,
  valueText,
} from "./model";

/** NumberView shows one number large, or several side by side: each leads to its events, has its change, and may have a small line below. */
export function NumberView(props: ChartProps & { trend?: DataSet; ratio?: string }) {
  const { data, previous, options, zone, drill, titleOf, trend, ratio } = props;
  const p = usePalette();
  const keys = keyPlaces(data);
  const values = valuePlaces(data).filter((_, i) => !ratio || i === 0);
  const find = before(previous, keys);
  const rows = keys.length > 0 ? data.rows : [data.rows[0] ?? values.map(() => 0)];
  const items = rows.flatMap((row) =>
    values.map((v) => {
      const column = data.columns[v]!;
      const was = find(row)?.[v];
      const several = values.length > 1;
      return {
        id: `${keys.map((k) => row[k]).join("\n")}\n${column.name}`,
        title:
          keys.length > 0
            ? keys.map((k) => keyText(data.columns[k]!, row[k], zone)).join(" · ")
            : several
              ? columnTitle(column, titleOf)
              : "",
        value: (row[v] ?? null) as Cell,
        was,
        empty: data.rows.length === 0,
        picked: pickedOf(data, row, ratio ? ratio.split("/")[0]!.trim() : several ? column.name : undefined),
        name: column.name,
        column,
      };
    }),
  );
  const unit = amount(options.unit);
  const colors = options.colors
    ? ofPlace(
        p,
        items.map((i) => (keys.length > 0 ? i.title : i.name)),
        kindOf("", options.colors),
      )
    : [];
  return (
    <div className={classes.numbers} data-many={items.length > 1 || undefined} role="group" aria-label={props.label}>
      {items.map((i, at) => {
        const n = number(i.value);
        const none = i.value === null && options.unit;
        return (
          <div key={i.id} className={classes.number}>
            {i.title && (
              <div className={classes.numberTitle} title={i.title}>
                {i.title}
              </div>
            )}
            <Go
              to={drill.link(i.picked)}
              className={classes.big}
              title={i.column.kind === "time" ? undefined : unit.full(n)}
              data-time={i.column.kind === "time" || undefined}
              data-number={i.value ?? ""}
              style={options.colors && n > 0 ? { borderColor: colors[at] } : undefined}
              data-edge={(options.colors && n > 0) || undefined}
            >
              {i.column.kind === "time" || none ? valueText(i.column, i.value, zone) : unit.short(n)}
            </Go>
            <div className={classes.change}>
              {i.was !== undefined && !none && i.column.kind !== "time" && (
                <Change
                  now={n}
                  before={number(i.was)}
                  mood={options.delta}
                  write={
                    options.unit === "percent" ? points : options.unit && options.unit !== "count" ? unit.short : brief
                  }
                  full={unit.full}
                />
              )}
            </div>
          </div>
        );
      })}
      {trend && items.length === 1 && <Spark data={trend} color={p.series[0]!} />}
    </div>
  );
}

/** Change is the difference to the time before: arrow, amount, percent; many times as much is said as a factor. */
function Change({
  now,
  before: was,
  mood = "neutral",
  write,
  full,
}: {
  now: number;
  before: number;
  mood?: string;
  write: (n: number) => string;
  full: (n: number) => string;
}) {
  const { t } = useTranslation("charts");
  const diff = now - was;
  const feel = diff === 0 || mood === "neutral" ? "" : diff > 0 === (mood === "up_is_good") ? "good" : "bad";
  const part =
    diff === 0
      ? ""
      : was === 0
        ? t("new")
        : now / was >= 10
          ? `×${compact(Math.round(now / was))}`
          : `${diff > 0 ? "+" : ""}${Math.abs(diff / was) >= 1 ? `${num(Math.round((diff / was) * 100))}%` : percent(diff / was)}`;
  return (
    <span className={classes.delta} data-feel={feel} title={t("was", { value: full(was) })}>
      {diff === 0 ? t("same") : `${diff > 0 ? "▲ +" : "▼ "}${write(diff)}`}
      {part && <span> {part}</span>}
    </span>
  );
}

const brief = (n: number) => (Math.abs(n) >= 10_000 ? compact(n) : num(n));

/** A change of a share is in points of a hundred. */
function points(n: number): string {
  return `${num(Math.round(n * 1000) / 10)} pt`;
}

/** Spark is the small line below a number; its numbers are in the chart over time, so it is not read out. */
export function Spark({ data, color }: { data: DataSet; color: string }) {
  const v = valuePlaces(data)[0];
  const k = keyPlaces(data)[0];
  if (v === undefined || k === undefined || data.rows.length < 2) return null;
  const by = new Map(data.rows.map((r) => [Date.parse(String(r[k])), number(r[v])]));
  const times = data.buckets?.length ? data.buckets.map((b) => Date.parse(b)) : [...by.keys()].sort((a, b) => a - b);
  const points = times.map((t) => by.get(t) ?? 0);
  const max = Math.max(1, ...points);
  const at = points.map(
    (n, i) => `${((i / (points.length - 1)) * 100).toFixed(2)},${(24 - (n / max) * 22).toFixed(2)}`,
  );
  return (
    <svg className={classes.spark} viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden>
      <polygon points={`0,24 ${at.join(" ")} 100,24`} fill={color} opacity={0.14} />
      <polyline points={at.join(" ")} fill="none" stroke={color} strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
