import { UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconZoomIn } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Cell, Column } from "@/api";
import { Go } from "@/ui";
import { cell, date, num } from "@/ui/format";
import type { Key } from "@/views/query/tokens";
import classes from "./TableResults.module.css";

const numeric = (c: Column) => c.kind === "int" || c.kind === "float";

/** ResultTable is the virtual table of statistics rows. Values of fields have their actions; the glass leads to the events of a row. */
export function ResultTable({
  columns,
  rows,
  keys,
  links,
  zone,
  label,
}: {
  columns: Column[];
  rows: Cell[][];
  keys: (Key | undefined)[];
  links: (row: Cell[]) => string | undefined;
  zone: string;
  label: string;
}) {
  const { t } = useTranslation("explore");
  const scroller = useRef<HTMLDivElement>(null);
  const [sort, setSort] = useState<{ at: number; down: boolean }>();
  const sorted = useMemo(
    () =>
      sort && sort.at < columns.length
        ? rows.toSorted((a, b) => compare(a[sort.at], b[sort.at]) * (sort.down ? -1 : 1))
        : rows,
    [rows, columns, sort],
  );
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 28,
    overscan: 12,
  });
  const most = useMemo(
    () => columns.map((c, i) => (numeric(c) && !keys[i] ? Math.max(0, ...rows.map((r) => Number(r[i]) || 0)) : 0)),
    [columns, rows, keys],
  );
  const template = `34px ${columns.map((c, i) => (numeric(c) && !keys[i] ? "minmax(110px, 190px)" : "minmax(140px, 1fr)")).join(" ")}`;
  return (
    <div
      ref={scroller}
      className={classes.table}
      role="table"
      aria-label={label}
      aria-rowcount={sorted.length + 1}
      tabIndex={0}
      data-result-table
    >
      <div role="rowgroup" className={classes.head}>
        <div role="row" className={classes.row} style={{ gridTemplateColumns: template }}>
          <span role="columnheader" aria-label={t("stats.events")} />
          {columns.map((c, i) => (
            <div
              key={c.name}
              role="columnheader"
              aria-sort={sort?.at === i ? (sort.down ? "descending" : "ascending") : undefined}
              data-numeric={numeric(c) || undefined}
            >
              <UnstyledButton
                className={classes.sort}
                onClick={() => setSort({ at: i, down: sort?.at === i ? !sort.down : numeric(c) })}
              >
                <bdi className="y-cut">{c.name}</bdi>
                {sort?.at === i &&
                  (sort.down ? <IconArrowDown size={13} aria-hidden /> : <IconArrowUp size={13} aria-hidden />)}
                {!c.exact && <span title={t("stats.approximate", { error: c.error ?? 0 })}>≈</span>}
              </UnstyledButton>
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const row = sorted[item.index]!;
          const to = links(row);
          return (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              className={`${classes.row} ${classes.body}`}
              style={{ gridTemplateColumns: template, transform: `translateY(${item.start}px)` }}
            >
              <span role="cell">
                {to && (
                  <Go
                    to={to}
                    className={classes.drill}
                    aria-label={t("stats.drill", { name: cell(row[keys.findIndex(Boolean)]).slice(0, 80) })}
                  >
                    <IconZoomIn size={14} aria-hidden />
                  </Go>
                )}
              </span>
              {columns.map((c, i) => {
                const v = row[i];
                const key = keys[i];
                const text =
                  c.kind === "time" && v
                    ? date(String(v), zone, "second")
                    : numeric(c) && !key && typeof v === "number"
                      ? num(v)
                      : cell(v);
                const field =
                  key && !key.time && v !== null && v !== undefined
                    ? { "data-field": key.field, "data-value": String(v) }
                    : {};
                return (
                  <span
                    key={c.name}
                    role="cell"
                    className={classes.cell}
                    data-numeric={(numeric(c) && !key) || undefined}
                  >
                    {most[i]! > 0 && (
                      <i
                        className={classes.share}
                        style={{ width: `${(Math.max(0, Number(v) || 0) / most[i]!) * 100}%` }}
                        aria-hidden
                      />
                    )}
                    <bdi {...field}>{v === null || v === undefined ? t("stats.absent") : text}</bdi>
                  </span>
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Empty cells come last, numbers by value, other things as text. */
export function compare(a: Cell | undefined, b: Cell | undefined): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : 1;
}
