import { useTranslation } from "react-i18next";
import type { EventDetail, EventField } from "@/api";
import { pick } from "@/i18n";
import { date, num, relative } from "@/ui/format";
import { valueProps } from "@/ui/ValueMenu";
import { visible } from "@/ui/visible";
import { valuesOf } from "./DetailTable";
import { sentence } from "./eventText";
import { groupOf } from "./fieldGroups";
import { LongText } from "./LongText";
import classes from "./Readable.module.css";

/** Readable tells an event in words: its sentence, then its fields by what they are about, named by their titles. */
export function Readable({ detail, zone }: { detail: EventDetail; zone: string }) {
  const { t } = useTranslation("explore");
  const groups = new Map<string, EventField[]>();
  for (const f of detail.table) {
    if (f.field === "event.original" || f.native || (!f.title_en && !f.title_ja)) continue;
    const id = groupOf({ name: f.field, ecs: !/^(aws|gcp|azure|yagura)\./.test(f.field) });
    groups.set(id, [...(groups.get(id) ?? []), f]);
  }
  return (
    <div className={classes.readable}>
      <p className={classes.sentence}>{visible(sentence(detail), 2000)}</p>
      <p className={classes.when}>
        {date(detail.time, zone, "milli")} {zone} · {relative(detail.time)} ·{" "}
        {pick(detail.log_type, "title") || detail.type}
      </p>
      <div className={classes.groups}>
        {[...groups].map(([id, fields]) => (
          <section key={id} className={classes.group}>
            <h4>{id}</h4>
            <dl>
              {fields.map((f) => (
                <div key={f.field}>
                  <dt title={f.field}>{pick(f as { title_en?: string; title_ja?: string }, "title")}</dt>
                  <dd>
                    {valuesOf(f).map((v, i) => (
                      <span
                        key={i}
                        className={classes.value}
                        {...(f.cut || String(v).length > 240 ? {} : valueProps(f.field, v))}
                      >
                        {typeof v === "number" && /bytes|packets|count/.test(f.field) ? (
                          num(v)
                        ) : (
                          <LongText text={String(v)} first={240} />
                        )}
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      {groups.size === 0 && <p className="y-dim">{t("detail.noField")}</p>}
    </div>
  );
}
