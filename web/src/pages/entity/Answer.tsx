import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { EntityKind } from "@/api";
import { go } from "@/app/router";
import { exploreUrl, useRange } from "@/state";
import { date, num, relative, useFilterTarget } from "@/ui";
import { Activity } from "./Activity";
import { ByType } from "./ByType";
import classes from "./Entity.module.css";
import type { EntityAnswer } from "./endpoints";
import { Facts } from "./Facts";
import { Findings } from "./Findings";
import { findingGroups } from "./model";
import { Nothing } from "./Nothing";
import { Recent } from "./Recent";
import { Touched } from "./Touched";

/** The API gives the newest findings only; as many as this may not be all. */
const mostFindings = 50;

/** Answer is all panels of the page. Filtering a value opens Explore on the entity's events. */
export function Answer({ kind, data, stale }: { kind: EntityKind; data: EntityAnswer; stale: boolean }) {
  const range = useRange();
  useFilterTarget((field, value, mode) =>
    go(
      exploreUrl({
        q: data.where,
        filters: [{ field, value, negate: mode === "out" }],
        from: range.from,
        to: range.to,
        tz: range.tz,
      }),
    ),
  );
  if (data.total === 0) return <Nothing kind={kind} data={data} />;
  return (
    <div className={`${classes.grid} ${stale ? "y-stale" : ""}`} data-answer={data.total} aria-live="polite">
      <Numbers data={data} />
      <Activity data={data} stale={stale} />
      <Facts data={data} />
      <Findings findings={data.findings} most={mostFindings} />
      <ByType data={data} />
      <Touched data={data} />
      <Recent data={data} />
    </div>
  );
}

function Numbers({ data }: { data: EntityAnswer }) {
  const { t } = useTranslation("entity");
  const { zone } = useRange();
  const groups = findingGroups(data.findings);
  const alerts = groups.filter((g) => g.alert).length;
  const many = data.findings.length >= mostFindings;
  const items = [
    { key: "events", value: num(data.total) },
    { key: "first", value: data.first_seen ? date(data.first_seen, zone) : "–", at: data.first_seen },
    { key: "last", value: data.last_seen ? date(data.last_seen, zone) : "–", at: data.last_seen },
    { key: "types", value: num(data.by_type.length) },
    {
      key: "findings",
      value: `${num(data.findings.length)}${many ? "+" : ""}`,
      note: alerts > 0 ? t("inAlerts", { count: alerts, shown: num(alerts) }) : undefined,
      bad: data.findings.length > 0,
    },
  ] as const;
  return (
    <div className={classes.full}>
      {data.stats.partial && (
        <div className={classes.partial} role="status">
          <IconAlertTriangle size={15} aria-hidden /> {t("partial", { why: data.stats.partial })}
        </div>
      )}
      <dl className={`y-panel ${classes.numbers}`}>
        {items.map((i) => (
          <div key={i.key} data-number={i.key} data-bad={("bad" in i && i.bad) || undefined}>
            <dt>{t(`number.${i.key}`)}</dt>
            <dd>{i.value}</dd>
            <dd className={classes.note}>
              {"at" in i && i.at ? relative(i.at) : "note" in i && i.note ? i.note : "\u00a0"}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
