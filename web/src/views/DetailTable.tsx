import { TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconColumnInsertRight,
  IconColumnRemove,
  IconFilterMinus,
  IconFilterPlus,
  IconSearch,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { EventDetail, EventField, Value } from "@/api";
import { pick } from "@/i18n";
import { valueProps } from "@/ui/ValueMenu";
import { toggleColumn } from "./columns";
import classes from "./DetailTable.module.css";
import { useFilterTo } from "./filterTo";
import { LongText } from "./LongText";

const none: string[] = [];

/** DetailTable lists the fields of an event; every value has its actions, every field can be a column. */
export function DetailTable({
  detail,
  columns,
  onColumns,
  marked = none,
}: {
  detail: EventDetail;
  columns?: string[];
  onColumns?: (columns: string[]) => void;
  /** Fields that stand out, first in the table. */
  marked?: string[];
}) {
  const { t } = useTranslation("explore");
  const [typed, setTyped] = useState("");
  const filter = useFilterTo();
  const rank = (r: EventField) => (marked.includes(r.field) ? 0 : 1);
  const wanted = typed.trim().toLowerCase();
  const ordered = marked.length > 0 ? [...detail.table].sort((a, b) => rank(a) - rank(b)) : detail.table;
  const rows = ordered.filter(
    (r) =>
      wanted === "" ||
      `${r.field} ${r.title_en ?? ""} ${r.title_ja ?? ""} ${valuesOf(r).join(" ").slice(0, 2000)}`
        .toLowerCase()
        .includes(wanted),
  );
  return (
    <>
      {detail.table.length > 12 && (
        <TextInput
          className={classes.search}
          leftSection={<IconSearch size={13} />}
          placeholder={t("detail.search", { count: detail.table.length })}
          aria-label={t("detail.search", { count: detail.table.length })}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
        />
      )}
      <table className={classes.table}>
        <thead className={classes.hidden}>
          <tr>
            <th scope="col">{t("detail.actions")}</th>
            <th scope="col">{t("detail.field")}</th>
            <th scope="col">{t("detail.value")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => {
            const values = valuesOf(r);
            const on = columns?.includes(r.field);
            const one = values.length === 1 && !r.cut ? values[0] : undefined;
            return (
              <tr
                key={`${r.native} ${r.field}`}
                data-detail-field={r.field}
                data-marked={marked.includes(r.field) || undefined}
              >
                <td className={classes.actions}>
                  <UnstyledButton
                    disabled={one === undefined}
                    aria-label={t("detail.for", { field: r.field })}
                    onClick={() => filter(r.field, one!, "for")}
                  >
                    <IconFilterPlus size={14} />
                  </UnstyledButton>
                  <UnstyledButton
                    disabled={one === undefined}
                    aria-label={t("detail.out", { field: r.field })}
                    onClick={() => filter(r.field, one!, "out")}
                  >
                    <IconFilterMinus size={14} />
                  </UnstyledButton>
                  {columns && onColumns && (
                    <UnstyledButton
                      aria-label={t(on ? "detail.columnOff" : "detail.columnOn", { field: r.field })}
                      data-on={on || undefined}
                      onClick={() => onColumns(toggleColumn(columns, r.field))}
                    >
                      {on ? <IconColumnRemove size={14} /> : <IconColumnInsertRight size={14} />}
                    </UnstyledButton>
                  )}
                </td>
                <th scope="row" className={classes.field}>
                  <Tooltip
                    label={pick(r as { title_en?: string; title_ja?: string }, "title")}
                    disabled={!r.title_en}
                    position="top-start"
                    multiline
                    maw={360}
                  >
                    <bdi>{r.field}</bdi>
                  </Tooltip>
                  {r.native && <span className={classes.tag}>{t("detail.native")}</span>}
                  {marked.includes(r.field) && (
                    <span className={classes.tag} data-marked>
                      {t("detail.matched")}
                    </span>
                  )}
                  {r.enriched && <span className={classes.tag}>{t("detail.enriched")}</span>}
                </th>
                <td className={classes.value}>
                  {values.map((v, i) => {
                    const text = String(v);
                    return (
                      <span
                        key={i}
                        className={classes.one}
                        {...(r.cut || text.length > 1000 ? {} : valueProps(r.field, text))}
                      >
                        <LongText text={text} first={1000} />
                      </span>
                    );
                  })}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {rows.length === 0 && <p className="y-dim">{t("detail.noField")}</p>}
    </>
  );
}

/** valuesOf gives the values of a line one by one, however the answer carries them. */
export function valuesOf(r: EventField): Exclude<Value, null | string[]>[] {
  const list = r.values ?? (Array.isArray(r.value) ? r.value : [r.value]);
  return list.filter((v) => v !== null && v !== undefined) as Exclude<Value, null | string[]>[];
}
