import { ActionIcon, CopyButton, Tooltip, UnstyledButton } from "@mantine/core";
import { IconCheck, IconCopy, IconDownload } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./DataTable.module.css";
import { csv, downloadCsv } from "./download";
import { cell } from "./format";

export interface DataColumn<R> {
  key: string;
  title: string;
  /** The plain value: sorting and CSV use it, and the cell unless `render` is given. */
  value: (row: R) => unknown;
  render?: (row: R) => ReactNode;
  /** Right-aligned digits. */
  numeric?: boolean;
  sortable?: boolean;
  width?: number | string;
  /** Props of the cell, for example valueProps(field, value). */
  cellProps?: (row: R) => Record<string, string | number>;
}

export interface DataTableProps<R> {
  columns: DataColumn<R>[];
  rows: R[];
  rowKey: (row: R, index: number) => string;
  /** What the table is, for screen readers and the name of the CSV file. */
  label: string;
  /** Copy and download buttons above the table. */
  tools?: boolean;
  onRow?: (row: R) => void;
  initialSort?: { key: string; down: boolean };
  empty?: ReactNode;
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : 1;
}

/** DataTable is a small table (up to some hundred rows) that sorts by its headings and copies as CSV. */
export function DataTable<R>({ columns, rows, rowKey, label, tools, onRow, initialSort, empty }: DataTableProps<R>) {
  const { t } = useTranslation();
  const [sort, setSort] = useState(initialSort);
  const sorted = useMemo(() => {
    const column = columns.find((c) => c.key === sort?.key);
    if (!sort || !column) return rows;
    return rows.toSorted((a, b) => compare(column.value(a), column.value(b)) * (sort.down ? -1 : 1));
  }, [rows, columns, sort]);
  if (rows.length === 0 && empty) return <>{empty}</>;
  const header = columns.map((c) => c.title);
  const values = () => sorted.map((r) => columns.map((c) => c.value(r)));
  return (
    <div className={classes.wrap}>
      {tools && (
        <div className={classes.tools}>
          <CopyButton value={csv(header, values())}>
            {({ copied, copy }) => (
              <Tooltip label={t(copied ? "table.copied" : "table.copy")}>
                <ActionIcon onClick={copy} aria-label={t("table.copy")}>
                  {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
          <Tooltip label={t("table.csv")}>
            <ActionIcon onClick={() => downloadCsv(`${label}.csv`, header, values())} aria-label={t("table.csv")}>
              <IconDownload size={15} />
            </ActionIcon>
          </Tooltip>
        </div>
      )}
      <section className={classes.scroll} aria-label={label} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              {columns.map((c) => {
                const on = sort?.key === c.key;
                return (
                  <th
                    key={c.key}
                    scope="col"
                    style={{ width: c.width }}
                    data-numeric={c.numeric || undefined}
                    aria-sort={on ? (sort.down ? "descending" : "ascending") : undefined}
                  >
                    {c.sortable === false ? (
                      c.title
                    ) : (
                      <UnstyledButton
                        className={classes.sort}
                        onClick={() => setSort({ key: c.key, down: on ? !sort.down : Boolean(c.numeric) })}
                      >
                        {c.title}
                        <span aria-hidden className={classes.arrow}>
                          {on ? (sort.down ? "↓" : "↑") : ""}
                        </span>
                      </UnstyledButton>
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {sorted.map((r, i) => (
              <tr key={rowKey(r, i)} data-click={onRow ? true : undefined} onClick={onRow ? () => onRow(r) : undefined}>
                {columns.map((c) => (
                  <td key={c.key} data-numeric={c.numeric || undefined} {...c.cellProps?.(r)}>
                    {c.render ? c.render(r) : cell(c.value(r))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
