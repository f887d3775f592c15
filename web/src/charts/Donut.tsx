import { UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { usePalette } from "@/theme/colors";
import { compact, percent } from "@/ui/format";
import { Go } from "@/ui/Go";
import classes from "./charts.module.css";
import { colorsFor, inRank, kindOf } from "./colors";
import { amount, type ChartProps, columnTitle, keyPlaces, keyText, number, pickedOf, valuePlaces } from "./model";
import { useSize } from "./Tip";

const mostParts = 8;

/** Donut shows shares of a whole: at most eight slices and the rest. Each name of the legend filters, each number leads to its events. */
export function Donut({ data, options, zone, drill, total, label, titleOf }: ChartProps) {
  const { t } = useTranslation("charts");
  const p = usePalette();
  const [ref, size] = useSize<HTMLDivElement>();
  const k = keyPlaces(data)[0];
  const v = valuePlaces(data)[0];
  const unit = amount(options.unit);
  // Beside the ring when there is room for the names; else below it, as many as leave the ring room.
  const beside = size.width >= 330 && size.height - 26 * Math.min(data.rows.length, mostParts + 1) - 12 < 104;
  const most =
    beside || size.height === 0
      ? mostParts
      : Math.max(2, Math.min(mostParts, Math.floor((size.height - 108) / 26) - 1));
  const parts = useMemo(() => {
    if (v === undefined) return [];
    const rows = data.rows.toSorted((a, b) => number(b[v]) - number(a[v]));
    const field = k === undefined ? "" : (data.columns[k]!.field ?? data.columns[k]!.name);
    const kind = kindOf(field, options.colors);
    const largest = rows.length > most ? rows.slice(0, most) : rows;
    const wide =
      k === undefined
        ? largest
        : inRank(
            largest.map((row) => ({ row, value: row[k] ?? null })),
            kind,
          ).map((x) => x.row);
    const colors = colorsFor(
      p,
      field,
      wide.map((r) => (k === undefined ? null : r[k])),
      kind,
    );
    const made = wide.map((row, i) => ({
      name: k === undefined ? columnTitle(data.columns[v]!, titleOf) : keyText(data.columns[k]!, row[k], zone),
      n: number(row[v]),
      color: colors[i]!,
      row: row as typeof row | undefined,
    }));
    const sum = rows.reduce((a, r) => a + number(r[v]), 0);
    const whole = Math.max(sum, total ?? 0);
    const rest = whole - made.reduce((a, x) => a + x.n, 0);
    if (rest > 0 && (rows.length > most || data.more || rest / whole > 0.0005))
      made.push({
        name: t(rows.length > most || data.more ? "other" : "absent"),
        n: rest,
        color: p.other,
        row: undefined,
      });
    return made;
  }, [data, k, v, p, options.colors, total, zone, t, titleOf, most]);
  const sum = parts.reduce((a, x) => a + x.n, 0);
  const below = size.height - 26 * parts.length - 12;
  const side = beside || size.width > 520;
  const ring = side ? Math.min(size.height - 8, size.width * 0.36, 190) : Math.min(size.width - 20, below, 190);
  const small = ring < 60;
  let from = 0;
  return (
    <div ref={ref} className={classes.donut} data-side={side || undefined} role="group" aria-label={label}>
      {!small && (
        <svg viewBox="-50 -50 100 100" style={{ width: ring, height: ring }} aria-hidden>
          {parts.map((x) => {
            const a = from;
            from += x.n / (sum || 1);
            return (
              <path
                key={x.name}
                d={slice(a, from)}
                fill={x.color}
                className={x.row ? classes.shape : undefined}
                data-tip={`${x.name}\n${unit.full(x.n)} · ${percent(x.n / (sum || 1))}`}
                onClick={(e) => x.row && drill.pick(pickedOf(data, x.row), e)}
              />
            );
          })}
          <text className={classes.ringSum} y={1} fill={p.text}>
            {options.unit ? unit.short(sum) : compact(sum)}
          </text>
          <text className={classes.ringText} y={12} fill={p.dim}>
            {v === undefined ? "" : columnTitle(data.columns[v]!, titleOf)}
          </text>
        </svg>
      )}
      <ul className={classes.legend}>
        {parts.map((x) => (
          <li key={x.name}>
            <i style={{ background: x.color }} aria-hidden />
            {x.row ? (
              <UnstyledButton
                className={classes.legendName}
                title={`${x.name} — ${t("legend")}`}
                data-slice={String(k === undefined ? "" : x.row[k])}
                onClick={(e) => drill.pick(pickedOf(data, x.row!), e)}
              >
                <bdi>{x.name}</bdi>
              </UnstyledButton>
            ) : (
              <span className={classes.legendName}>{x.name}</span>
            )}
            {x.row ? (
              <Go to={drill.link(pickedOf(data, x.row))} className={classes.count} title={t("toEvents")}>
                {unit.short(x.n)}
              </Go>
            ) : (
              <span>{unit.short(x.n)}</span>
            )}
            <span className={classes.part}>{percent(x.n / (sum || 1))}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** slice is a piece of the ring between two parts of the whole. */
export function slice(a: number, b: number): string {
  const end = Math.min(b, a + 0.99999);
  const at = (part: number, r: number) => {
    const x = part * 2 * Math.PI - Math.PI / 2;
    return `${(Math.cos(x) * r).toFixed(3)} ${(Math.sin(x) * r).toFixed(3)}`;
  };
  const large = end - a > 0.5 ? 1 : 0;
  return `M${at(a, 48)}A48 48 0 ${large} 1 ${at(end, 48)}L${at(end, 31)}A31 31 0 ${large} 0 ${at(a, 31)}Z`;
}
