import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Severity } from "@/api";
import { language } from "@/i18n";
import type { StateOf } from "@/state/useUrlState";
import { num, SeverityMark, severities, visible } from "@/ui";
import classes from "./Alerts.module.css";
import type { AlertList } from "./endpoints";
import { type StatusChoice, type spec, statuses } from "./state";

type Url = StateOf<typeof spec>;

/** Facets narrow the list by status, severity and rule, each with how many alerts it would show. */
export function Facets({
  facets,
  url,
  set,
}: {
  facets?: AlertList["facets"];
  url: Url;
  set: (change: Partial<Url>) => void;
}) {
  const { t } = useTranslation("alerts");
  const count = (s: StatusChoice): number | undefined => {
    const n = facets?.status;
    if (!n) return undefined;
    const of = (k: string) => n[k] ?? 0;
    if (s === "open") return of("new") + of("acknowledged");
    return s === "all" ? of("new") + of("acknowledged") + of("closed") : of(s);
  };
  const flip = (values: string[], v: string) => (values.includes(v) ? values.filter((x) => x !== v) : [...values, v]);
  const rules = facets?.rule ?? [];
  return (
    <div className={classes.facets}>
      <Facet title={t("facet.status")}>
        {statuses.map((s) => (
          <Choice key={s} on={url.status === s} count={count(s)} id={`status:${s}`} run={() => set({ status: s })}>
            {t(`choice.${s}`)}
          </Choice>
        ))}
      </Facet>
      <Facet title={t("facet.severity")} clear={url.severity.length > 0 ? () => set({ severity: [] }) : undefined}>
        {severities.map((s: Severity) => (
          <Choice
            key={s}
            on={url.severity.includes(s)}
            count={facets ? (facets.severity[s] ?? 0) : undefined}
            id={`severity:${s}`}
            run={() => set({ severity: flip(url.severity, s) })}
          >
            <span className={classes.mark}>
              <SeverityMark level={s} />
              {t(`common:severity.${s}`)}
            </span>
          </Choice>
        ))}
      </Facet>
      <Facet title={t("facet.rule")} clear={url.rule.length > 0 ? () => set({ rule: [] }) : undefined}>
        {url.rule
          .filter((id) => !rules.some((r) => r.id === id))
          .map((id) => (
            <Choice key={id} on count={0} id={`rule:${id}`} run={() => set({ rule: flip(url.rule, id) })}>
              {visible(id, 60)}
            </Choice>
          ))}
        {rules.map((r) => (
          <Choice
            key={r.id}
            on={url.rule.includes(r.id)}
            count={r.count}
            id={`rule:${r.id}`}
            run={() => set({ rule: flip(url.rule, r.id) })}
          >
            {visible((language() === "ja" && r.title_ja) || r.title, 120)}
          </Choice>
        ))}
      </Facet>
    </div>
  );
}

/** Facet is one group of choices. */
export function Facet({ title, clear, children }: { title: string; clear?: () => void; children: React.ReactNode }) {
  const { t } = useTranslation("alerts");
  return (
    <section className={classes.facet} aria-label={title}>
      <h2>
        {title}
        {clear && (
          <UnstyledButton className={classes.clear} onClick={clear} aria-label={t("facet.clearOf", { title })}>
            {t("facet.clear")}
          </UnstyledButton>
        )}
      </h2>
      {children}
    </section>
  );
}

/** Choice is one value of a facet with its count. */
export function Choice({
  on,
  count,
  id,
  run,
  children,
}: {
  on: boolean;
  count?: number;
  id: string;
  run: () => void;
  children: React.ReactNode;
}) {
  return (
    <UnstyledButton
      className={classes.choice}
      aria-pressed={on}
      data-facet={id}
      data-zero={count === 0 || undefined}
      onClick={run}
    >
      <span className={classes.choiceText}>{children}</span>
      <span className={classes.choiceCount}>{count === undefined ? "" : num(count)}</span>
    </UnstyledButton>
  );
}
