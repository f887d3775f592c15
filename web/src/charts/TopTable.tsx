import { UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Cell } from "@/api";
import { usePalette } from "@/theme/colors";
import { Delta, type DeltaProps } from "@/ui/Delta";
import { compact, date, percent, visible } from "@/ui/format";
import { Go } from "@/ui/Go";
import { valueProps } from "@/ui/ValueMenu";
import classes from "./charts.module.css";
import { colorsFor, kindOf } from "./colors";
import {
  type BoardColumn,
  before,
  type ChartProps,
  columnTitle,
  keyPlaces,
  keyText,
  number,
  pickedOf,
  valuePlaces,
  valueText,
} from "./model";
import { useSize } from "./Tip";

const rowHeight = 26;
const headHeight = 24;

/** Room of a column, px: wanted, least; `flex` takes what is left; the lowest `drop` goes first when there is no room for all. */
interface Room {
  id: number | "share" | "change";
  want: number;
  least: number;
  flex?: boolean;
  drop?: number;
}

function roomOf(c: BoardColumn, id: number, first: boolean, bar: number): Room {
  if (c.kind === "time") return { id, want: 126, least: 86, drop: c.role === "value" ? 4 : undefined };
  if (first) return { id, want: bar, least: 62 };
  if (c.role === "value") return { id, want: 72, least: 56, drop: 2 };
  if (/(^|\.)(ip|address)$/.test(c.field ?? "")) return { id, want: 124, least: 106 };
  if (/country_(iso_code|name)$/.test(c.field ?? "")) return { id, want: 112, least: 74 };
  if (/(action|outcome|method|status_code|severity|severity_label)$/.test(c.field ?? ""))
    return { id, want: 96, least: 70 };
  if (/(account\.id|region)$/.test(c.field ?? "")) return { id, want: 118, least: 84 };
  return { id, want: 170, least: 84, flex: true };
}

/** share gives each column its width; columns that do not fit are left out, they stand in the whole table. */
export function fitColumns(all: Room[], width: number): Map<Room["id"], number> {
  let kept = all;
  const sum = (of: "want" | "least") => kept.reduce((n, c) => n + c[of], 0);
  while (width > 0 && sum("least") > width) {
    const least = Math.min(...kept.map((c) => c.drop ?? Number.POSITIVE_INFINITY));
    if (!Number.isFinite(least)) break;
    const at = kept.findLastIndex((c) => c.drop === least);
    kept = kept.filter((_, i) => i !== at);
  }
  const want = sum("want");
  const spare = width - want;
  const flex = kept.filter((c) => c.flex);
  const growing = flex.length > 0 ? flex : kept.slice(0, 1);
  const part = Math.max(0, Math.min(1, (width - sum("least")) / Math.max(1, want - sum("least"))));
  return new Map(
    kept.map((c) => [
      c.id,
      spare >= 0 ? c.want + (growing.includes(c) ? spare / growing.length : 0) : c.least + (c.want - c.least) * part,
    ]),
  );
}

/** Texts of one kind of a glance: coloured dot before the value. */
const dotted = /(action|outcome|severity|severity_label|status_code)$/;

/**
 * TopTable shows rows by rank: a bar in the cell of the first number, its share and change. Values open the menu of all values, numbers
 * lead to their events. It shows as many rows as fit; `onAll` shows the rest.
 */
export function TopTable(props: ChartProps & { onAll?: () => void; all?: boolean }) {
  const { data, previous, options, zone, drill, total, titleOf, onAll, all } = props;
  const { t } = useTranslation("charts");
  const p = usePalette();
  const [ref, size] = useSize<HTMLDivElement>();
  const keys = keyPlaces(data);
  const values = valuePlaces(data);
  const order = useMemo(() => {
    const named = (options.columns ?? []).flatMap((n) => {
      const i = data.columns.findIndex((c) => c.name === n);
      return i < 0 ? [] : [i];
    });
    return named.length > 0 ? named : data.columns.map((_, i) => i);
  }, [data.columns, options.columns]);
  const first = values.find((v) => data.columns[v]!.kind !== "time");
  const max = first === undefined ? 0 : Math.max(0, ...data.rows.map((r) => number(r[first])));
  const find = before(previous, keys);
  const fit = Math.max(1, Math.floor((size.height - headHeight) / rowHeight));
  const more = !all && data.rows.length > fit;
  const shown = all ? data.rows : data.rows.slice(0, more ? fit - 1 : fit);
  const share = options.share && total ? total : 0;
  const widths = useMemo(
    () =>
      fitColumns(
        [
          ...order.map((i) => roomOf(data.columns[i]!, i, i === first, 110)),
          ...(share > 0 ? [{ id: "share" as const, want: 56, least: 48, drop: 1 }] : []),
          ...(previous ? [{ id: "change" as const, want: 132, least: 90, drop: 3 }] : []),
        ],
        size.width,
      ),
    [order, data.columns, first, share, previous, size.width],
  );
  const columns = order.filter((i) => widths.has(i));
  const narrow = columns.some((i) => data.columns[i]!.kind === "time" && (widths.get(i) ?? 0) < 122);
  const row = more ? (size.height - headHeight - 25) / Math.max(1, shown.length) : rowHeight;
  const colors = useMemo(
    () =>
      data.columns.map((c, i) => {
        const kind = c.role === "key" && dotted.test(c.field ?? "") ? kindOf(c.field, options.colors) : undefined;
        if (!kind) return undefined;
        const seen = [...new Set(data.rows.map((r) => r[i] ?? null))];
        const made = colorsFor(p, c.field ?? "", seen, kind);
        return new Map(seen.map((v, j) => [v, made[j]!]));
      }),
    [data, options.colors, p],
  );
  return (
    <div ref={ref} className={classes.fill}>
      <table className={classes.table} aria-label={props.label} style={{ "--row": `${row}px` } as React.CSSProperties}>
        <colgroup>
          {[...widths].map(([id, w]) => (
            <col key={id} style={{ width: w }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((i) => {
              const c = data.columns[i]!;
              const title = columnTitle(c, titleOf);
              return (
                <th key={i} scope="col" data-num={c.role === "value" || undefined} title={c.field || title}>
                  {title}
                </th>
              );
            })}
            {widths.has("share") && (
              <th scope="col" data-num>
                {t("share")}
              </th>
            )}
            {widths.has("change") && (
              <th scope="col" data-num>
                {t("change")}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => {
            const link = drill.link(pickedOf(data, row));
            return (
              <tr key={JSON.stringify(keys.map((k) => row[k]))}>
                {columns.map((i) => {
                  const c = data.columns[i]!;
                  if (c.role === "key")
                    return (
                      <KeyCell key={i} column={c} value={row[i]} zone={zone} color={colors[i]?.get(row[i] ?? null)} />
                    );
                  const text = short(c, row[i], zone, options.unit, narrow);
                  return i === first ? (
                    <td key={i} data-num className={classes.barCell}>
                      <i style={{ width: `${max > 0 ? (number(row[i]) / max) * 100 : 0}%` }} aria-hidden />
                      <Go to={link} className={classes.count} title={t("toEvents")} data-count={String(row[i] ?? "")}>
                        {text}
                      </Go>
                    </td>
                  ) : (
                    <td key={i} data-num title={valueText(c, row[i], zone, options.unit)}>
                      {text}
                    </td>
                  );
                })}
                {widths.has("share") && first !== undefined && (
                  <td data-num className="y-dim">
                    {percent(number(row[first]) / share)}
                  </td>
                )}
                {widths.has("change") && first !== undefined && (
                  <td data-num>
                    <Delta
                      now={number(row[first])}
                      before={number(find(row)?.[first])}
                      mood={(options.delta as DeltaProps["mood"]) ?? "neutral"}
                      format={compact}
                    />
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      {more && size.height > 0 && (
        <UnstyledButton className={classes.all} onClick={onAll}>
          {t("all", { count: data.rows.length })}
        </UnstyledButton>
      )}
    </div>
  );
}

function short(c: BoardColumn, v: Cell | undefined, zone: string, unit: string | undefined, narrow: boolean): string {
  if (c.kind === "time" && typeof v === "string") return narrow ? date(v, zone).slice(5) : date(v, zone);
  return valueText(c, v, zone, unit);
}

function KeyCell({
  column,
  value,
  zone,
  color,
}: {
  column: BoardColumn;
  value: Cell | undefined;
  zone: string;
  color?: string;
}) {
  const text = keyText(column, value, zone, 300);
  const bare = value === null || value === undefined;
  const own = column.time || column.part || column.kind === "time" || !column.field;
  const raw = bare ? "" : visible(String(value), 300);
  return (
    <td title={raw !== text && raw ? `${text} (${raw})` : text} data-none={bare || undefined}>
      {color && <i className={classes.dot} style={{ background: color }} aria-hidden />}
      {own || bare ? (
        <span className={classes.key}>{text}</span>
      ) : (
        <span className={classes.key} {...valueProps(column.field!, value)}>
          {text}
        </span>
      )}
    </td>
  );
}
