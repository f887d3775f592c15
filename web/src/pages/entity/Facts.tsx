import { useTranslation } from "react-i18next";
import type { Value } from "@/api";
import { pick } from "@/i18n";
import { cell, compact, country, num, Panel, valueProps, visible } from "@/ui";
import classes from "./Entity.module.css";
import type { EntityAnswer } from "./endpoints";
import { factRows } from "./model";

function factText(short: string, value: Value): string {
  if (short === "asn") return `AS${value}`;
  if (short === "country") return `${country(String(value))} (${visible(String(value), 10)})`;
  return typeof value === "string" ? visible(value, 200) : cell(value);
}

/** Facts is what the events say about it: where it is, whose it is, what it calls itself. */
export function Facts({ data }: { data: EntityAnswer }) {
  const { t } = useTranslation("entity");
  const rows = factRows(data.facts);
  return (
    <Panel title={t("facts")} className={classes.narrow}>
      {rows.length === 0 && <p className="y-dim">{t("noFacts")}</p>}
      <dl className={classes.facts}>
        {rows.map((r) => (
          <div key={r.short || r.title_en} data-fact={r.short}>
            <dt title={pick(r, "title")}>{r.short ? t(`fact.${r.short}`) : pick(r, "title")}</dt>
            <dd>
              {r.values.slice(0, 5).map((v) => (
                <span key={`${v.field} ${v.value}`} className={classes.fact}>
                  <bdi {...valueProps(v.field, v.value)}>{factText(r.short, v.value)}</bdi>
                  {r.values.length > 1 && (
                    <small title={num(v.count)} className="y-dim">
                      {compact(v.count)}
                    </small>
                  )}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p className={classes.where}>{t("fields", { fields: data.fields.join(", ") })}</p>
    </Panel>
  );
}
