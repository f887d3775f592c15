import { UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Cell } from "@/api";
import { usePalette } from "@/theme/colors";
import { percent } from "@/ui/format";
import { Go } from "@/ui/Go";
import classes from "./charts.module.css";
import { colorsFor, kindOf, ofPlace } from "./colors";
import { amount, type ChartProps, columnTitle, keyPlaces, keyText, number, valuePlaces } from "./model";
import { useSize } from "./Tip";

/** HBars lays a bar of each value on its side; a second key, or several numbers, cut it into pieces. */
export function HBars(props: ChartProps & { onAll?: () => void; all?: boolean }) {
  const { data, options, zone, drill, label, titleOf, onAll, all } = props;
  const { t } = useTranslation("charts");
  const p = usePalette();
  const [ref, size] = useSize<HTMLDivElement>();
  const made = useMemo(() => {
    const [k, k2] = keyPlaces(data);
    const values = valuePlaces(data);
    if (k === undefined || values.length === 0) return { bars: [], pieces: [] };
    const column = data.columns[k]!;
    const second = k2 === undefined ? undefined : data.columns[k2]!;
    const names: Cell[] = second
      ? [...new Set(data.rows.map((r) => r[k2!] ?? null))]
      : values.map((v) => data.columns[v]!.name);
    const by = new Map<Cell, { value: Cell; counts: number[] }>();
    for (const r of data.rows) {
      const value = r[k] ?? null;
      const bar = by.get(value) ?? { value, counts: names.map(() => 0) };
      if (second) bar.counts[names.indexOf(r[k2!] ?? null)]! += number(r[values[0]!]);
      else for (const [i, v] of values.entries()) bar.counts[i] = number(r[v]);
      by.set(value, bar);
    }
    const bars = [...by.values()].map((b) => ({ ...b, sum: b.counts.reduce((a, n) => a + n, 0) }));
    bars.sort((a, b) => b.sum - a.sum);
    const single = !second && values.length === 1;
    const own = kindOf(column.field, options.colors);
    const barColors =
      single && own
        ? colorsFor(
            p,
            column.field ?? "",
            bars.map((b) => b.value),
            own,
          )
        : undefined;
    const colors = second
      ? colorsFor(p, second.field ?? "", names, kindOf(second.field, options.colors))
      : ofPlace(p, names.map(String), options.colors);
    return {
      column,
      second,
      single,
      barColors,
      bars,
      pieces: names.map((n, i) => ({
        value: n,
        name: second ? keyText(second, n, zone) : columnTitle(data.columns[values[i]!]!, titleOf),
        color: colors[i]!,
      })),
    };
  }, [data, p, options.colors, zone, titleOf]);
  const { column, second, bars, pieces } = made;
  const unit = amount(options.unit);
  const max = Math.max(1, ...bars.map((b) => b.sum));
  const scale = (n: number) =>
    options.log ? (n > 0 ? (Math.log10(n + 1) / Math.log10(max + 1)) * 100 : 0) : (n / max) * 100;
  const legend = pieces.length > 1;
  const room = size.height - (legend ? 24 : 0);
  const fit = Math.max(1, Math.floor(room / 27));
  const more = !all && bars.length > fit;
  const shown = all ? bars : bars.slice(0, more ? fit - 1 : fit);
  const row = all ? 28 : Math.min(42, Math.max(27, (room - (more ? 26 : 0)) / Math.max(1, shown.length)));
  const longest = Math.max(3, ...bars.map((b) => wideOf(column ? keyText(column, b.value, zone) : "")));
  const filters = (value: Cell, piece?: Cell) => [
    ...(column?.field ? [{ field: column.field, value }] : []),
    ...(second?.field && piece !== undefined ? [{ field: second.field, value: piece }] : []),
  ];
  return (
    <div ref={ref} className={classes.fill} role="group" aria-label={label}>
      {legend && (
        <ul className={classes.row}>
          {pieces.map((x) => (
            <li key={x.name}>
              <i style={{ background: x.color }} aria-hidden />
              {x.name}
            </li>
          ))}
        </ul>
      )}
      <div
        className={classes.hbars}
        style={{ "--name": `min(42%, ${longest * 7.2 + 8}px)`, "--row": `${row}px` } as React.CSSProperties}
      >
        {shown.map((b, i) => {
          const name = column ? keyText(column, b.value, zone) : "";
          return (
            <div key={String(b.value)} className={classes.hbar}>
              <UnstyledButton
                className={classes.hbarName}
                onClick={(e) => drill.pick({ filters: filters(b.value) }, e)}
                title={`${name} — ${t("legend")}`}
                data-bar={String(b.value)}
              >
                <bdi>{name}</bdi>
              </UnstyledButton>
              <div className={classes.track}>
                <span style={{ width: `${options.percent ? 100 : scale(b.sum)}%` }}>
                  {b.counts.map((n, j) =>
                    n > 0 ? (
                      <i
                        key={pieces[j]!.name}
                        className={classes.shape}
                        style={{ flexGrow: n, background: made.barColors?.[i] ?? pieces[j]!.color }}
                        data-tip={`${name}\n${pieces.length > 1 ? `${pieces[j]!.name}: ` : ""}${unit.full(n)}${pieces.length > 1 ? ` · ${percent(n / (b.sum || 1))}` : ""}`}
                        onClick={(e) =>
                          drill.pick(
                            {
                              filters: filters(b.value, second ? pieces[j]!.value : undefined),
                              name: second || made.single ? undefined : String(pieces[j]!.value),
                            },
                            e,
                          )
                        }
                      />
                    ) : null,
                  )}
                </span>
              </div>
              <Go to={drill.link({ filters: filters(b.value) })} className={classes.count} title={t("toEvents")}>
                {unit.short(b.sum)}
              </Go>
            </div>
          );
        })}
      </div>
      {more && size.height > 0 && (
        <UnstyledButton className={classes.all} onClick={onAll}>
          {t("all", { count: bars.length })}
        </UnstyledButton>
      )}
    </div>
  );
}

/** wideOf counts letters, wide ones twice. */
function wideOf(text: string): number {
  let n = 0;
  for (const c of text) n += c.charCodeAt(0) > 0x2e80 ? 1.8 : 1;
  return n;
}
