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

/** width of a column in px; undefined takes what is left. */
function widthOf(c: BoardColumn, narrow: boolean): number | undefined {
  if (c.kind === "time") return narrow ? 96 : 122;
  if (c.role === "value") return 76;
  if (/(^|\.)(ip|address)$/.test(c.field ?? "")) return narrow ? 108 : 124;
  if (/country_iso_code$/.test(c.field ?? "")) return narrow ? 84 : 104;
  if (/(action|outcome|method|status_code|severity)$/.test(c.field ?? "")) return 84;
  return undefined;
}

/** Texts of one kind of a glance: coloured dot before the value. */
const dotted = /(action|outcome|severity|status_code)$/;

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
  const narrow = size.width < 420;
  const share = options.share && total ? total : 0;
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
      <table className={classes.table} aria-label={props.label}>
        <colgroup>
          {order.map((i) => (
            <col
              key={i}
              style={{ width: i === first ? (previous || share ? 112 : 92) : widthOf(data.columns[i]!, narrow) }}
            />
          ))}
          {share > 0 && <col style={{ width: 54 }} />}
          {previous && <col style={{ width: 128 }} />}
        </colgroup>
        <thead>
          <tr>
            {order.map((i) => {
              const c = data.columns[i]!;
              const title = columnTitle(c, titleOf);
              return (
                <th key={i} scope="col" data-num={c.role === "value" || undefined} title={c.field || title}>
                  {title}
                </th>
              );
            })}
            {share > 0 && (
              <th scope="col" data-num>
                {t("share")}
              </th>
            )}
            {previous && (
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
                {order.map((i) => {
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
                {share > 0 && first !== undefined && (
                  <td data-num className="y-dim">
                    {percent(number(row[first]) / share)}
                  </td>
                )}
                {previous && first !== undefined && (
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
