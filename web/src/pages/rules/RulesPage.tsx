import { Button, Select, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconFilter, IconPlus, IconSearch } from "@tabler/icons-react";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Severity, useApi } from "@/api";
import { useCommands } from "@/app/commands";
import { go } from "@/app/router";
import { pick } from "@/i18n";
import shared from "@/pages/alerts/Alerts.module.css";
import { Choice, Facet } from "@/pages/alerts/Facets";
import { commas, oneOf, text, useUrlState } from "@/state";
import {
  EmptyState,
  ErrorState,
  Go,
  Loading,
  num,
  Page,
  Panel,
  relative,
  SeverityBadge,
  SeverityMark,
  severities,
  Tag,
  visible,
} from "@/ui";
import type { RuleCard } from "./endpoints";
import "./endpoints";
import { Problems } from "./Parts";
import classes from "./Rules.module.css";

const shows = ["", "firing", "quiet", "problems", "disabled"] as const;
const sorts = ["level", "title", "week", "day", "last"] as const;
const spec = {
  q: text(""),
  level: commas(),
  origin: oneOf(["", "builtin", "user"] as const, ""),
  type: text(""),
  show: oneOf(shows, ""),
  sort: oneOf(sorts, "level"),
};

export const ruleUrl = (id: string) => `/rules/${encodeURIComponent(id)}`;

function shownBy(r: RuleCard, show: (typeof shows)[number]): boolean {
  if (show === "firing") return r.findings_7d > 0;
  if (show === "quiet") return r.findings_7d === 0;
  if (show === "problems") return (r.problems?.length ?? 0) > 0 || (r.log_types?.length ?? 0) === 0;
  if (show === "disabled") return !r.enabled;
  return true;
}

const compare: Record<(typeof sorts)[number], (a: RuleCard, b: RuleCard) => number> = {
  level: (a, b) => severities.indexOf(a.level as Severity) - severities.indexOf(b.level as Severity),
  title: (a, b) => pick(a, "title").localeCompare(pick(b, "title")),
  week: (a, b) => b.findings_7d - a.findings_7d,
  day: (a, b) => b.findings_24h - a.findings_24h,
  last: (a, b) => (b.last_finding ?? "").localeCompare(a.last_finding ?? ""),
};

/** Rules lists what the events are looked through for, with how often each rule fired and what is wrong with its file. */
export default function RulesPage() {
  const { t } = useTranslation("rules");
  const [url, set] = useUrlState(spec);
  const { data, error, refetch } = useApi("GET /rules", {}, { every: 60_000 });
  const [current, setCurrent] = useState(-1);
  const [facetsOpen, setFacetsOpen] = useState(false);
  const small = useMediaQuery("(width < 62em)") ?? false;
  const search = useRef<HTMLInputElement>(null);

  const words = url.q.toLowerCase().split(/\s+/).filter(Boolean);
  const all = data?.items ?? [];
  /** Whether a rule is shown when one of the conditions is left out: facets count so. */
  const fits = (r: RuleCard, without = "") =>
    (without === "level" || url.level.length === 0 || url.level.includes(r.level)) &&
    (without === "origin" || url.origin === "" || r.origin === url.origin) &&
    (without === "type" || url.type === "" || (r.log_types ?? []).includes(url.type)) &&
    (without === "show" || shownBy(r, url.show)) &&
    words.every((w) => textOf(r).includes(w));
  // biome-ignore lint/correctness/useExhaustiveDependencies: fits follows the address
  const rows = useMemo(() => all.filter((r) => fits(r)).toSorted(compare[url.sort]), [data, url]);
  const count = (without: string, is: (r: RuleCard) => boolean) => all.filter((r) => fits(r, without) && is(r)).length;
  const types = [...new Set(all.flatMap((r) => r.log_types ?? []))].sort();
  const at = rows[current];
  const move = (by: number) => setCurrent((i) => Math.min(rows.length - 1, Math.max(0, i + by)));
  useCommands([
    { id: "rule list j", title: t("keys.next"), keys: "j", group: "page", hidden: true, run: () => move(1) },
    { id: "rule list k", title: t("keys.previous"), keys: "k", group: "page", hidden: true, run: () => move(-1) },
    {
      id: "rule list o",
      title: t("keys.open"),
      keys: "o",
      group: "page",
      hidden: true,
      run: () => at && go(ruleUrl(at.id)),
    },
    {
      id: "rule list Enter",
      title: t("keys.open"),
      keys: "Enter",
      group: "page",
      hidden: true,
      run: () => at && go(ruleUrl(at.id)),
    },
    {
      id: "rule list /",
      title: t("search"),
      keys: "/",
      group: "page",
      hidden: true,
      run: () => search.current?.focus(),
    },
    { id: "rule list n", title: t("new"), keys: "n", group: "page", run: () => go("/rules/new") },
  ]);
  const flip = (v: string) => (url.level.includes(v) ? url.level.filter((x) => x !== v) : [...url.level, v]);
  const facets = (
    <div className={shared.facets}>
      <Facet title={t("facet.show")}>
        {shows.map((s) => (
          <Choice
            key={s}
            id={`show:${s}`}
            on={url.show === s}
            count={count("show", (r) => shownBy(r, s))}
            run={() => set({ show: s })}
          >
            {t(`show.${s || "all"}`)}
          </Choice>
        ))}
      </Facet>
      <Facet title={t("facet.level")} clear={url.level.length > 0 ? () => set({ level: [] }) : undefined}>
        {severities.map((s) => (
          <Choice
            key={s}
            id={`level:${s}`}
            on={url.level.includes(s)}
            count={count("level", (r) => r.level === s)}
            run={() => set({ level: flip(s) })}
          >
            <span className={shared.mark}>
              <SeverityMark level={s} />
              {t(`common:severity.${s}`)}
            </span>
          </Choice>
        ))}
      </Facet>
      <Facet title={t("facet.origin")}>
        {(["", "builtin", "user"] as const).map((o) => (
          <Choice
            key={o}
            id={`origin:${o}`}
            on={url.origin === o}
            count={count("origin", (r) => o === "" || r.origin === o)}
            run={() => set({ origin: o })}
          >
            {t(`origin.${o || "all"}`)}
          </Choice>
        ))}
      </Facet>
      <Facet title={t("facet.type")} clear={url.type ? () => set({ type: "" }) : undefined}>
        {types.map((x) => (
          <Choice
            key={x}
            id={`type:${x}`}
            on={url.type === x}
            count={count("type", (r) => (r.log_types ?? []).includes(x))}
            run={() => set({ type: url.type === x ? "" : x })}
          >
            {visible(x, 60)}
          </Choice>
        ))}
      </Facet>
    </div>
  );
  const problems = data?.problems ?? [];
  return (
    <Page
      title={t("title")}
      subtitle={t("subtitle")}
      actions={
        <Button component={Go} to="/rules/new" leftSection={<IconPlus size={14} />}>
          {t("new")}
        </Button>
      }
    >
      {error && !data ? (
        <ErrorState problem={error} retry={() => refetch()} />
      ) : (
        <div className={shared.layout}>
          {!small && <aside aria-label={t("facet.label")}>{facets}</aside>}
          <div className={shared.main}>
            <div className={shared.tools}>
              <TextInput
                ref={search}
                className={shared.search}
                leftSection={<IconSearch size={14} />}
                placeholder={t("searchHint")}
                aria-label={t("search")}
                value={url.q}
                onChange={(e) => set({ q: e.currentTarget.value }, { replace: true })}
                onKeyDown={(e) => e.key === "Escape" && e.currentTarget.blur()}
              />
              {small && (
                <Button
                  variant="default"
                  leftSection={<IconFilter size={14} />}
                  aria-expanded={facetsOpen}
                  onClick={() => setFacetsOpen(!facetsOpen)}
                >
                  {t("facet.label")}
                </Button>
              )}
              <Select
                className={shared.sort}
                aria-label={t("sort.label")}
                value={url.sort}
                allowDeselect={false}
                onChange={(v) => v && set({ sort: v as (typeof sorts)[number] })}
                data={sorts.map((s) => ({ value: s, label: t(`sort.${s}`) }))}
              />
            </div>
            {small && facetsOpen && <div className="y-panel">{facets}</div>}
            {problems.length > 0 && (
              <Panel title={t("problem.title", { count: problems.length, shown: num(problems.length) })}>
                <Problems problems={problems.slice(0, 50)} files />
              </Panel>
            )}
            <Panel pad={false}>
              {!data ? (
                <Loading rows={12} />
              ) : rows.length === 0 ? (
                <EmptyState icon={IconSearch} title={t("none.title")} text={t("none.text")}>
                  <Button component={Go} to="/rules" variant="default">
                    {t("none.clear")}
                  </Button>
                </EmptyState>
              ) : (
                <Rows rules={rows} current={current} />
              )}
            </Panel>
            {rows.length > 0 && (
              <div className={shared.foot}>
                <span className="y-dim" role="status">
                  {t("shown", { count: rows.length, shown: num(rows.length), all: num(all.length) })}
                </span>
              </div>
            )}
          </div>
        </div>
      )}
    </Page>
  );
}

function textOf(r: RuleCard): string {
  return [r.title_en, r.title_ja, r.id, r.author, r.file, ...(r.tags ?? []), ...(r.log_types ?? [])]
    .join(" ")
    .toLowerCase();
}

function Rows({ rules, current }: { rules: RuleCard[]; current: number }) {
  const { t } = useTranslation("rules");
  const most = Math.max(1, ...rules.map((r) => r.findings_7d));
  return (
    <table className={`${shared.table} ${classes.rules}`} aria-label={t("title")}>
      <thead>
        <tr>
          <th scope="col">{t("list.level")}</th>
          <th scope="col">{t("list.rule")}</th>
          <th scope="col">{t("list.types")}</th>
          <th scope="col">{t("list.status")}</th>
          <th scope="col" data-numeric>
            {t("list.day")}
          </th>
          <th scope="col" data-numeric>
            {t("list.week")}
          </th>
          <th scope="col">{t("list.last")}</th>
        </tr>
      </thead>
      <tbody>
        {rules.map((r, i) => (
          <tr
            key={`${r.id} ${r.file}`}
            data-rule={r.id}
            data-severity={r.level}
            data-current={i === current || undefined}
            ref={i === current ? (el) => el?.scrollIntoView({ block: "nearest" }) : undefined}
            onClick={(e) => !(e.target as Element).closest("a") && go(ruleUrl(r.id))}
          >
            <td className={classes.level}>
              <SeverityBadge level={r.level as Severity} />
            </td>
            <td className={shared.what}>
              <Go to={ruleUrl(r.id)} className={shared.title}>
                {visible(pick(r, "title"), 300)}
              </Go>
              <span className={classes.under}>
                {visible(r.author || t("nobody"), 100)}
                {r.origin === "user" && <Tag mood="accent">{t("origin.user")}</Tag>}
                {!r.enabled && <Tag>{t("show.disabled")}</Tag>}
                {(r.problems?.length ?? 0) > 0 && (
                  <Tag mood={r.problems.some((p) => !p.warning) ? "bad" : "warn"}>
                    {t("problem.title", { count: r.problems.length, shown: num(r.problems.length) })}
                  </Tag>
                )}
              </span>
            </td>
            <td className={classes.types}>
              {(r.log_types ?? []).map((x) => visible(x, 60)).join(", ") || <Tag mood="warn">{t("list.noTypes")}</Tag>}
            </td>
            <td>{r.status ? t(`status.${r.status}`, { defaultValue: r.status }) : "–"}</td>
            <td data-numeric data-zero={r.findings_24h === 0 || undefined}>
              {num(r.findings_24h)}
            </td>
            <td data-numeric data-zero={r.findings_7d === 0 || undefined}>
              {num(r.findings_7d)}
              <span className={classes.bar} aria-hidden>
                <span
                  style={{
                    width: r.findings_7d ? `${Math.max(4, (100 * Math.log1p(r.findings_7d)) / Math.log1p(most))}%` : 0,
                  }}
                />
              </span>
            </td>
            <td className={shared.time}>{r.last_finding ? relative(r.last_finding) : "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
