import { UnstyledButton } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { pick } from "@/i18n";
import { href, useRange, writeTime } from "@/state";
import { EmptyState, Go, num, Panel, relative, SeverityBadge, visible } from "@/ui";
import classes from "./Entity.module.css";
import type { FindingCard } from "./endpoints";
import { type FindingGroup, findingGroups } from "./model";

const around = 5 * 60_000;
const shownAtFirst = 5;

/** The newest event of a group, with some minutes around it. */
function newestUrl(g: FindingGroup, zone: string): string {
  const at = Date.parse(g.last);
  return href("/explore", { from: writeTime(at - around, zone), to: writeTime(at + around, zone), open: g.event });
}

/** Findings is what rules found in its events, by alert. */
export function Findings({ findings, most }: { findings: FindingCard[]; most: number }) {
  const { t } = useTranslation("entity");
  const { zone } = useRange();
  const [all, setAll] = useState(false);
  const groups = findingGroups(findings);
  return (
    <Panel title={t("findings.title")} className={classes.wide}>
      {groups.length === 0 && (
        <EmptyState icon={IconCircleCheck} title={t("findings.none")} text={t("findings.noneText")} />
      )}
      <ul className={classes.findings}>
        {groups.slice(0, all ? groups.length : shownAtFirst).map((g) => (
          <li key={g.key} data-finding={g.rule} style={{ borderLeftColor: `var(--y-sev-${g.severity})` }}>
            <span className={classes.level}>
              <SeverityBadge level={g.severity} />
            </span>
            <span className={classes.found}>
              <Go to={g.alert ? `/alerts/${encodeURIComponent(g.alert)}` : `/rules/${encodeURIComponent(g.rule)}`}>
                {visible(pick(g, "title") || g.rule, 200)}
              </Go>
              <span className="y-dim">
                {t("findings.count", { count: g.count, shown: num(g.count) })}
                {" · "}
                <time dateTime={g.last}>{relative(g.last)}</time>
              </span>
            </span>
            <span className={classes.links}>
              <Go to={`/rules/${encodeURIComponent(g.rule)}`}>{t("findings.rule")}</Go>
              {g.event && <Go to={newestUrl(g, zone)}>{t("findings.event")}</Go>}
            </span>
          </li>
        ))}
      </ul>
      {groups.length > shownAtFirst && (
        <UnstyledButton className={classes.button} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("findings.fewer") : t("findings.all", { n: num(groups.length) })}
        </UnstyledButton>
      )}
      {findings.length >= most && <p className={classes.where}>{t("findings.most", { n: num(most) })}</p>}
    </Panel>
  );
}
