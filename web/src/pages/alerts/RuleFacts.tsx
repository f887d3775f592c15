import { IconExternalLink } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Severity } from "@/api";
import { pick } from "@/i18n";
import { Go, SeverityBadge, visible } from "@/ui";
import classes from "./Alert.module.css";
import { tagText, tagUrl, webLink } from "./about";
import type { Alert } from "./endpoints";

/** RuleFacts names the rule, its author and license (which must be shown with each match), where it comes from. */
export function RuleFacts({ rule: r }: { rule: Alert["rule"] }) {
  const { t } = useTranslation("alerts");
  return (
    <>
      <Go to={`/rules/${encodeURIComponent(r.id)}`} className={classes.ruleTitle}>
        {visible(pick(r, "title") || r.id, 300)}
      </Go>
      <dl className={classes.facts}>
        <dt>{t("rule.level")}</dt>
        <dd>
          <SeverityBadge level={r.level as Severity} />
        </dd>
        <dt>{t("rule.author")}</dt>
        <dd data-author>{r.author ? visible(r.author, 300) : t("rule.nobody")}</dd>
        <dt>{t("rule.license")}</dt>
        <dd>{r.license ? visible(r.license, 100) : "–"}</dd>
      </dl>
      <Tags tags={r.tags ?? []} />
      <Links links={r.references ?? []} />
    </>
  );
}

/** Tags lead to ATT&CK where they name something of it. */
export function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return null;
  return (
    <ul className={classes.tags}>
      {tags.map((tag) => {
        const to = tagUrl(tag);
        return (
          <li key={tag}>
            {to ? (
              <a href={to} target="_blank" rel="noopener noreferrer" title={visible(tag, 100)}>
                {tagText(tag)}
              </a>
            ) : (
              <span>{tagText(tag)}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Links are references; what is no address of the web stays text. */
export function Links({ links }: { links: string[] }) {
  const { t } = useTranslation("alerts");
  if (links.length === 0) return null;
  return (
    <>
      <h3 className={classes.minor}>{t("rule.references")}</h3>
      <ul className={classes.plain}>
        {links.map((l) => {
          const to = webLink(l);
          return (
            <li key={l}>
              {to ? (
                <a className={classes.link} href={to} target="_blank" rel="noopener noreferrer">
                  {visible(l.replace(/^https?:\/\//, ""), 200)} <IconExternalLink size={11} aria-hidden />
                </a>
              ) : (
                visible(l, 300)
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
