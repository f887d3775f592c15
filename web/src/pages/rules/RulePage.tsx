import { Button } from "@mantine/core";
import { IconArrowLeft, IconPencil, IconSearch } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { type Severity, useApi } from "@/api";
import { useCommands } from "@/app/commands";
import { go, useRouteParams } from "@/app/router";
import { language, pick } from "@/i18n";
import detail from "@/pages/alerts/Alert.module.css";
import { Links, Tags } from "@/pages/alerts/RuleFacts";
import { exploreUrl, href, useRange } from "@/state";
import {
  date,
  EmptyState,
  ErrorState,
  Go,
  Loading,
  num,
  Page,
  Panel,
  relative,
  SeverityBadge,
  Tag,
  visible,
} from "@/ui";
import { ConditionTree } from "./ConditionTree";
import type { RuleDetail } from "./endpoints";
import "./endpoints";
import { ExplainPanel } from "./ExplainPanel";
import { Problems, Tests } from "./Parts";
import classes from "./Rules.module.css";

const Histogram = lazy(() => import("@/charts/Histogram").then((m) => ({ default: m.Histogram })));
const Markdown = lazy(() => import("@/charts/Markdown").then((m) => ({ default: m.Markdown })));
const YamlEditor = lazy(() => import("./YamlEditor").then((m) => ({ default: m.YamlEditor })));

/** Rule is one rule: what it looks for in words and as its file, who wrote it, its tests, what it found. */
export default function RulePage() {
  const { t } = useTranslation("rules");
  const { id = "" } = useRouteParams();
  const { data, error, refetch } = useApi("GET /rules/{id}", { path: { id } }, { keep: false });
  if (error && !data)
    return (
      <Page title={t("title")}>
        {error.status === 404 ? (
          <EmptyState icon={IconSearch} title={t("gone.title")} text={t("gone.text")}>
            <Button component={Go} to="/rules" variant="default">
              {t("back")}
            </Button>
          </EmptyState>
        ) : (
          <ErrorState problem={error} retry={() => refetch()} />
        )}
      </Page>
    );
  if (!data)
    return (
      <Page title={t("title")}>
        <Loading rows={12} />
      </Page>
    );
  return <Shown rule={data} />;
}

function Shown({ rule: r }: { rule: RuleDetail }) {
  const { t } = useTranslation("rules");
  const { scope, zone, from, to, setMs, zoomOut } = useRange();
  const editUrl = `/rules/${encodeURIComponent(r.id)}/edit`;
  useCommands([
    { id: "rule:e", title: t("edit"), keys: "e", group: "page", run: () => go(editUrl) },
    { id: "rule:u", title: t("back"), keys: "u", group: "page", run: () => go("/rules") },
  ]);
  const histogram = useApi("POST /histogram", { body: { q: r.where, ...scope, buckets: 60 } });
  const findings = useApi("GET /rules/{id}/findings", { path: { id: r.id }, query: { ...scope, limit: 10 } });
  const runbook = pick(r as { runbook_en?: string; runbook_ja?: string }, "runbook");
  const description = pick(r as { description_en?: string; description_ja?: string }, "description");
  const explore = exploreUrl({ q: r.where, from, to });
  const found = findings.data?.items ?? [];
  const last = found[0]?.fields["yagura.finding.event_id"];
  const total = histogram.data?.total;
  const problems = r.problems ?? [];
  return (
    <Page
      title={visible(pick(r, "title"), 300)}
      subtitle={
        <div className={detail.subtitle}>
          <Go to="/rules" className={detail.back}>
            <IconArrowLeft size={14} aria-hidden /> {t("title")}
          </Go>
          <SeverityBadge level={r.level as Severity} />
          <span className="y-dim">{r.author ? t("by", { author: visible(r.author, 200) }) : t("nobody")}</span>
          {r.origin === "user" && <Tag mood="accent">{t("origin.user")}</Tag>}
          {!r.enabled && <Tag mood="warn">{t("show.disabled")}</Tag>}
        </div>
      }
      actions={
        <>
          <Button component={Go} variant="default" to={href("/alerts", { status: "all", rule: r.id })}>
            {t("alerts")}
          </Button>
          <Button component={Go} to={editUrl} leftSection={<IconPencil size={14} />}>
            {t(r.origin === "user" ? "edit" : "copy")}
          </Button>
        </>
      }
    >
      <div className={detail.layout} data-rule={r.id}>
        <div className={detail.column}>
          {problems.length > 0 && (
            <Panel title={t("problem.title", { count: problems.length, shown: num(problems.length) })}>
              <Problems problems={problems} files />
            </Panel>
          )}
          <section className={`y-panel ${detail.why}`} data-severity={r.level}>
            {description && <p className={detail.reason}>{visible(description, 3000)}</p>}
            <h2 className={classes.finds}>{t("tree.title")}</h2>
            <ConditionTree tree={r.tree} />
          </section>
          <Panel
            title={total === undefined ? t("findings.title") : t("findings.count", { count: total, shown: num(total) })}
            actions={
              <Go to={explore} className={detail.link}>
                {t("findings.explore")}
              </Go>
            }
          >
            {histogram.error ? (
              <ErrorState problem={histogram.error} retry={() => histogram.refetch()} small />
            ) : !histogram.data ? (
              <Loading height={132} />
            ) : (
              <Suspense fallback={<Loading height={132} />}>
                <Histogram
                  data={histogram.data}
                  zone={zone}
                  height={110}
                  stale={histogram.isPlaceholderData}
                  onZoom={setMs}
                  onZoomOut={zoomOut}
                />
              </Suspense>
            )}
            {findings.error && <ErrorState problem={findings.error} small />}
            {findings.data && found.length === 0 && (
              <p className={`${classes.plainText} y-dim`}>{t("findings.none")}</p>
            )}
            {found.length > 0 && (
              <ul className={`${classes.findings} ${findings.isPlaceholderData ? "y-stale" : ""}`} data-findings>
                {found.map((f) => {
                  const alert = f.fields["yagura.finding.alert"];
                  const words = (language() === "ja" && f.sentence?.ja) || f.sentence?.en || "";
                  return (
                    <li key={f.id}>
                      <time className="y-dim">{date(f.time, zone, "second")}</time>
                      <bdi className={classes.sentence}>{visible(words.replace(/^\[[^\]]*\]\s*/, ""), 500)}</bdi>
                      {typeof alert === "string" && (
                        <Go className={detail.link} to={`/alerts/${encodeURIComponent(alert)}`}>
                          {t("findings.alert")}
                        </Go>
                      )}
                    </li>
                  );
                })}
              </ul>
            )}
          </Panel>
          <ExplainPanel rule={r.id} suggested={typeof last === "string" ? last : undefined} />
          <Panel title={t("file.title")}>
            <p className={`${classes.filePath} y-mono y-dim`}>{visible(r.file, 500)}</p>
            <Suspense fallback={<Loading height={400} />}>
              <YamlEditor value={r.yaml} label={t("file.title")} />
            </Suspense>
          </Panel>
        </div>
        <div className={detail.column}>
          <Panel title={t("facts.title")}>
            <Facts rule={r} />
            <Tags tags={r.tags ?? []} />
            <Links links={r.references ?? []} />
          </Panel>
          <Panel title={t("tests.title")}>
            <Tests tests={r.tests ?? []} />
          </Panel>
          {(runbook || (r.falsepositives ?? []).length > 0) && (
            <Panel title={t("alerts:todo.title")}>
              {runbook && (
                <Suspense fallback={<Loading rows={3} />}>
                  <Markdown text={runbook} />
                </Suspense>
              )}
              {(r.falsepositives ?? []).length > 0 && (
                <>
                  <h3 className={detail.minor}>{t("alerts:todo.false")}</h3>
                  <ul className={detail.plain}>
                    {r.falsepositives.map((f) => (
                      <li key={f}>{visible(f, 500)}</li>
                    ))}
                  </ul>
                </>
              )}
            </Panel>
          )}
        </div>
      </div>
    </Page>
  );
}

function Facts({ rule: r }: { rule: RuleDetail }) {
  const { t } = useTranslation("rules");
  const source = Object.entries(r.logsource ?? {}).filter(([, v]) => v);
  return (
    <dl className={detail.facts}>
      <dt>{t("facts.status")}</dt>
      <dd>{r.status ? t(`status.${r.status}`, { defaultValue: r.status }) : "–"}</dd>
      <dt>{t("facts.author")}</dt>
      <dd data-author>{visible(r.author || t("nobody"), 300)}</dd>
      <dt>{t("facts.license")}</dt>
      <dd>{r.license ? visible(r.license, 100) : "–"}</dd>
      <dt>{t("facts.origin")}</dt>
      <dd>{t(`origin.${r.origin}`)}</dd>
      <dt>{t("facts.types")}</dt>
      <dd>{(r.log_types ?? []).map((x) => visible(x, 60)).join(", ") || <Tag mood="warn">{t("list.noTypes")}</Tag>}</dd>
      <dt>{t("facts.source")}</dt>
      <dd className="y-mono">{source.map(([k, v]) => `${k}: ${visible(String(v), 60)}`).join(", ") || "–"}</dd>
      <dt>{t("facts.group")}</dt>
      <dd>
        {(r.group_by ?? []).length > 0 ? (
          <span className="y-mono">{r.group_by.map((g) => visible(g, 60)).join(", ")}</span>
        ) : (
          t("facts.groupDefault")
        )}
      </dd>
      <dt>{t("list.day")}</dt>
      <dd>{num(r.findings_24h)}</dd>
      <dt>{t("list.week")}</dt>
      <dd>{num(r.findings_7d)}</dd>
      <dt>{t("list.last")}</dt>
      <dd>{r.last_finding ? relative(r.last_finding) : "–"}</dd>
      <dt>{t("facts.id")}</dt>
      <dd className="y-mono">{visible(r.id, 100)}</dd>
    </dl>
  );
}
