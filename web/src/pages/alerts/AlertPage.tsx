import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowLeft, IconCheck, IconRotate, IconSearch, IconUser, IconX } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { type AlertStatus, type Severity, useApi } from "@/api";
import { useCommands } from "@/app/commands";
import { go, useRouteParams } from "@/app/router";
import { useCan } from "@/app/session";
import { language, pick } from "@/i18n";
import { exploreUrl, useZone, writeTime } from "@/state";
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
  StatusBadge,
  Tag,
  valueProps,
  visible,
} from "@/ui";
import classes from "./Alert.module.css";
import { entityLink, titleOf } from "./about";
import { AssignDialog, CloseDialog } from "./Dialogs";
import { EvidenceList } from "./EvidenceList";
import type { AlertDetail } from "./endpoints";
import { History } from "./History";
import { RelatedAlerts } from "./RelatedAlerts";
import { RuleFacts } from "./RuleFacts";
import { useAct } from "./useAct";
import { useRaised } from "./useRaised";

const Histogram = lazy(() => import("@/charts/Histogram").then((m) => ({ default: m.Histogram })));
const Markdown = lazy(() => import("@/charts/Markdown").then((m) => ({ default: m.Markdown })));

/** Alert is one alert: why it fired, about what, the events that show it, what to do, and who did what. */
export default function AlertPage() {
  const { t } = useTranslation("alerts");
  const { id = "" } = useRouteParams();
  const zone = useZone();
  const { data, error, refetch } = useApi("GET /alerts/{id}", { path: { id }, query: { zone } }, { keep: false });
  useRaised();
  if (error && !data)
    return (
      <Page title={t("title")}>
        {error.status === 404 ? (
          <EmptyState icon={IconSearch} title={t("gone.title")} text={t("gone.text")}>
            <Button component={Go} to="/alerts" variant="default">
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
  return <Shown alert={data} zone={zone} />;
}

function Shown({ alert: a, zone }: { alert: AlertDetail; zone: string }) {
  const { t } = useTranslation("alerts");
  const may = useCan("alerts.act");
  const [closing, closeDialog] = useDisclosure(false);
  const [assigning, assignDialog] = useDisclosure(false);
  const { act, busy } = useAct();
  const ids = [a.id];
  const acknowledge = () => act({ ids, action: "acknowledge" });
  useCommands([
    { id: "alert:a", title: t("act.acknowledge"), keys: "a", group: "page", run: acknowledge },
    { id: "alert:e", title: t("act.close"), keys: "e", group: "page", run: closeDialog.open },
    { id: "alert:u", title: t("back"), keys: "u", group: "page", run: () => go("/alerts") },
  ]);
  const range = rangeOf(a, zone);
  const findings = exploreUrl({ q: a.where, ...range });
  const events = a.events_where ? exploreUrl({ q: a.events_where, ...range }) : undefined;
  const runbook = pick(a as { runbook_en?: string; runbook_ja?: string }, "runbook");
  const falsePositives = a.falsepositives ?? [];
  return (
    <Page
      title={titleOf(a)}
      subtitle={
        <div className={classes.subtitle}>
          <Go to="/alerts" className={classes.back}>
            <IconArrowLeft size={14} aria-hidden /> {t("title")}
          </Go>
          <SeverityBadge level={a.severity as Severity} />
          <StatusBadge status={a.status as AlertStatus} />
          {a.status === "closed" && a.reason && <Tag>{t(`reason.${a.reason}`, { defaultValue: a.reason })}</Tag>}
          {a.backfill && <Tag>{t("list.backfill")}</Tag>}
          {a.assignee && (
            <span>
              <IconUser size={13} aria-label={t("list.assignee")} /> {visible(a.assignee, 60)}
            </span>
          )}
        </div>
      }
      actions={
        <>
          {a.status === "new" && (
            <Button leftSection={<IconCheck size={14} />} loading={busy} onClick={acknowledge}>
              {t("act.acknowledge")}
            </Button>
          )}
          {a.status === "closed" ? (
            <Button
              variant="default"
              leftSection={<IconRotate size={14} />}
              loading={busy}
              onClick={() => act({ ids, action: "reopen" })}
            >
              {t("act.reopen")}
            </Button>
          ) : (
            <Button variant="default" leftSection={<IconX size={14} />} onClick={closeDialog.open}>
              {t("act.closeMore")}
            </Button>
          )}
          <Button variant="default" leftSection={<IconUser size={14} />} onClick={assignDialog.open}>
            {t("act.assignMore")}
          </Button>
        </>
      }
    >
      {!may && <p className={classes.refused}>{t("refused.hint")}</p>}
      <div className={classes.layout} data-alert={a.id}>
        <div className={classes.column}>
          <Why alert={a} zone={zone} range={range} />
          <Panel
            title={t("timeline.title", { count: a.findings, shown: num(a.findings) })}
            actions={
              <Go to={findings} className={classes.link}>
                {t("timeline.explore")}
              </Go>
            }
          >
            <Suspense fallback={<Loading height={110} />}>
              <Histogram
                data={a.timeline}
                zone={zone}
                height={110}
                onZoom={(from, to) =>
                  go(exploreUrl({ q: a.where, from: writeTime(from, zone), to: writeTime(to, zone) }))
                }
              />
            </Suspense>
          </Panel>
          <Panel
            title={t("evidence.title")}
            pad={false}
            actions={
              events && (
                <Go to={events} className={classes.link}>
                  {t("evidence.explore")}
                </Go>
              )
            }
          >
            <EvidenceList alert={a} zone={zone} />
          </Panel>
          <Panel title={t("log.title")}>
            <History alert={a} zone={zone} busy={busy} may={may} act={act} />
          </Panel>
        </div>
        <div className={classes.column}>
          {(runbook || falsePositives.length > 0) && (
            <Panel title={t("todo.title")}>
              {runbook && (
                <Suspense fallback={<Loading rows={3} />}>
                  <Markdown text={runbook} />
                </Suspense>
              )}
              {falsePositives.length > 0 && (
                <>
                  <h3 className={classes.minor}>{t("todo.false")}</h3>
                  <ul className={classes.plain}>
                    {falsePositives.map((f) => (
                      <li key={f}>{visible(f, 500)}</li>
                    ))}
                  </ul>
                </>
              )}
            </Panel>
          )}
          <Panel title={t("facts.title")}>
            <Facts alert={a} zone={zone} range={range} />
          </Panel>
          <Panel title={t("rule.title")}>
            <RuleFacts rule={a.rule} />
          </Panel>
          <RelatedAlerts alert={a} />
        </div>
      </div>
      <CloseDialog ids={ids} opened={closing} close={closeDialog.close} busy={busy} act={act} />
      <AssignDialog ids={ids} opened={assigning} close={assignDialog.close} busy={busy} act={act} now={a.assignee} />
    </Page>
  );
}

/** rangeOf is the time of the alert's events with a little around it, as an address has it. */
function rangeOf(a: AlertDetail, zone: string): { from: string; to: string } {
  const [first, last] = [Date.parse(a.first_seen), Date.parse(a.last_seen)];
  const pad = Math.max(5 * 60_000, (last - first) / 20);
  return {
    from: writeTime(Math.floor((first - pad) / 60_000) * 60_000, zone),
    to: writeTime(Math.ceil((last + pad) / 60_000) * 60_000, zone),
  };
}

/** Why says in one sentence what was seen, about whom and when, then what the rule looks for. */
function Why({ alert: a, zone, range }: { alert: AlertDetail; zone: string; range: { from: string; to: string } }) {
  const { t } = useTranslation("alerts");
  const why = language() === "ja" ? a.why_ja || a.why_en : a.why_en;
  const one = a.first_seen === a.last_seen || a.findings === 1;
  const sentence = t(one ? "why.once" : "why.many", {
    count: a.findings,
    shown: num(a.findings),
    first: date(a.first_seen, zone, "minute"),
    last: date(a.last_seen, zone, "minute"),
  });
  const matched = a.evidence[0]?.fields ?? [];
  return (
    <section className={`y-panel ${classes.why}`} data-severity={a.severity} aria-label={t("why.title")}>
      {why && <p className={classes.reason}>{visible(why, 2000)}</p>}
      <p className={classes.seen}>{sentence}</p>
      {a.group.length > 0 && (
        <ul className={classes.groups} aria-label={t("why.about")}>
          {a.group.map((g) => (
            <li key={g.field}>
              <span className="y-dim">{visible(g.field, 80)}</span>
              <Go to={entityLink(g.field, g.value, range)} className={classes.entity}>
                <bdi>{visible(g.value, 300)}</bdi>
              </Go>
            </li>
          ))}
        </ul>
      )}
      {matched.length > 0 && (
        <div className={classes.matched}>
          <span className="y-dim">{t("why.matched")}</span>
          {matched.slice(0, 8).map((f, i) => (
            <span key={i} className={classes.chip}>
              <span>{visible(f.field, 80)}</span>
              <bdi className="y-mono" {...valueProps(f.field, f.value)}>
                {visible(f.value, 200)}
              </bdi>
            </span>
          ))}
        </div>
      )}
    </section>
  );
}

function Facts({ alert: a, zone, range }: { alert: AlertDetail; zone: string; range: { from: string; to: string } }) {
  const { t } = useTranslation("alerts");
  const when = (at: string) => (
    <time dateTime={at}>
      {date(at, zone, "second")} <span className="y-dim">{relative(at)}</span>
    </time>
  );
  const others = (a.entities ?? []).filter((e) => e.kind !== "rule");
  return (
    <dl className={classes.facts}>
      <dt>{t("facts.first")}</dt>
      <dd>{when(a.first_seen)}</dd>
      <dt>{t("facts.last")}</dt>
      <dd>{when(a.last_seen)}</dd>
      <dt>{t("facts.created")}</dt>
      <dd>{when(a.created)}</dd>
      <dt>{t("facts.types")}</dt>
      <dd>{a.log_types.map((x) => visible(x, 60)).join(", ")}</dd>
      {others.length > 0 && (
        <>
          <dt>{t("facts.names")}</dt>
          <dd>
            <ul className={classes.plain}>
              {others.slice(0, 10).map((e) => (
                <li key={`${e.kind} ${e.value}`}>
                  <Go to={entityLink(fieldOf[e.kind]!, e.value, range)} className={classes.link}>
                    <bdi>{visible(e.value, 120)}</bdi>
                  </Go>{" "}
                  <span className="y-dim">{t(`kind.${e.kind}`)}</span>
                </li>
              ))}
            </ul>
          </dd>
        </>
      )}
    </dl>
  );
}

const fieldOf: Record<string, string> = {
  ip: "source.ip",
  user: "user.name",
  host: "host.name",
  account: "cloud.account.id",
  path: "url.path",
};
