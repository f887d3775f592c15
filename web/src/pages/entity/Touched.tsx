import { useTranslation } from "react-i18next";
import { pick } from "@/i18n";
import { exploreUrl, useRange } from "@/state";
import { type Palette, usePalette } from "@/theme/colors";
import { cell, compact, country, Go, num, percent, valueProps, visible } from "@/ui";
import classes from "./Entity.module.css";
import type { EntityAnswer, TopGroup } from "./endpoints";

/** Fields with a short name of their own; the others are called by what the dictionary says. */
const named: Record<string, string> = {
  "event.action": "action",
  "event.outcome": "outcome",
  "source.ip": "source",
  "destination.ip": "destination",
  "user.name": "user",
  "source.geo.country_iso_code": "country",
  "url.domain": "domain",
  "url.path": "path",
  "http.response.status_code": "status",
  "user_agent.original": "agent",
  "rule.name": "rule",
  "cloud.account.id": "account",
  "cloud.service.name": "service",
  "destination.port": "port",
  "dns.question.name": "query",
  "host.name": "host",
};

/** Touched is what stands in its events beside it: top values of the telling fields. */
export function Touched({ data }: { data: EntityAnswer }) {
  const { t } = useTranslation("entity");
  if (data.top.length === 0) return null;
  return (
    <section className={classes.full}>
      <h2 className={classes.section}>
        {t("touched")} <span className={classes.hint}>{t("touchedHint")}</span>
      </h2>
      <div className={classes.cards}>
        {data.top.map((g) => (
          <Card key={g.field} group={g} where={data.where} />
        ))}
      </div>
    </section>
  );
}

/** What a value's bar is filled with: actions, outcomes and status codes have fixed colours, the rest the accent. */
function fill(p: Palette, field: string, value: unknown): string | undefined {
  const text = String(value).toLowerCase();
  if (/^event\.(action|outcome)$/.test(field)) return p.action[text];
  if (/status_code$/.test(field))
    return text.startsWith("5") ? p.severity.critical : p.action[text.startsWith("4") ? "count" : "allow"];
  return undefined;
}

function Card({ group, where }: { group: TopGroup; where: string }) {
  const { t } = useTranslation("entity");
  const range = useRange();
  const p = usePalette();
  const most = Math.max(1, ...group.values.map((v) => v.count));
  const short = named[group.field];
  return (
    <section className={`y-panel ${classes.card}`} data-top={group.field}>
      <h3 title={pick(group, "title")}>
        {short ? t(`top.${short}`) : pick(group, "title") || group.field}
        <span className="y-mono y-dim y-cut">{group.field}</span>
      </h3>
      <ol>
        {group.values.map((v, i) => {
          const text = group.field.endsWith("country_iso_code")
            ? country(String(v.value))
            : typeof v.value === "string"
              ? visible(v.value, 300)
              : cell(v.value);
          return (
            <li key={`${i} ${String(v.value).slice(0, 80)}`}>
              <i
                style={{ width: `${(100 * v.count) / most}%`, background: fill(p, group.field, v.value) }}
                aria-hidden
              />
              <bdi className="y-cut" title={text} {...valueProps(group.field, v.value)}>
                {text}
              </bdi>
              <Go
                className={classes.count}
                title={`${num(v.count)}${v.share === undefined ? "" : ` · ${percent(v.share)}`}`}
                to={exploreUrl({
                  q: where,
                  filters: [
                    v.value === null
                      ? { field: group.field, negate: true }
                      : { field: group.field, value: String(v.value), negate: false },
                  ],
                  from: range.from,
                  to: range.to,
                  tz: range.tz,
                })}
              >
                {compact(v.count)}
              </Go>
            </li>
          );
        })}
      </ol>
      {group.more && (
        <Go
          className={classes.more}
          to={exploreUrl({
            q: `(${where}) | top 100 ${group.field}`,
            from: range.from,
            to: range.to,
            tz: range.tz,
          })}
        >
          {t("moreValues")}
        </Go>
      )}
    </section>
  );
}
