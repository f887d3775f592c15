import { useTranslation } from "react-i18next";
import { bytes, compact, DataTable, duration, EmptyState, Go, num, Panel, relative, visible } from "@/ui";
import type { Intake, IntakeSource } from "./endpoints";
import classes from "./Intake.module.css";
import { Spark } from "./Spark";

const order = ["failing", "silent", "paused", "lag", "ok"];

function objectsUrl(source: string, state?: string): string {
  return `/intake?tab=objects&source=${encodeURIComponent(source)}${state ? `&state=${state}` : ""}`;
}

/** Count is a number that leads to its objects. */
function Count({ s, n, state, bad }: { s: IntakeSource; n: number; state: string; bad?: boolean }) {
  if (n === 0) return <span className="y-dim">0</span>;
  return (
    <Go to={objectsUrl(s.name, state)} className={classes.count} data-bad={bad || undefined}>
      {num(n)}
    </Go>
  );
}

function Numbers({ intake }: { intake: Intake }) {
  const { t } = useTranslation("intake");
  const sum = (f: (s: IntakeSource) => number) => intake.sources.reduce((n, s) => n + f(s), 0);
  const last = (list: number[], n: number) => list.slice(-n).reduce((a, b) => a + b, 0);
  const lag = intake.sources.reduce((n, s) => Math.max(n, s.lag_seconds), 0);
  const items = [
    { key: "day", value: num(last(intake.rates.events, intake.rates.events.length)), list: intake.rates.events },
    { key: "bytes", value: bytes(last(intake.rates.bytes, intake.rates.bytes.length)), list: intake.rates.bytes },
    { key: "waiting", value: num(sum((s) => s.objects.pending + s.objects.leased)) },
    { key: "lag", value: lag > 0 ? duration(lag * 1000) : "–" },
    { key: "failed", value: num(sum((s) => s.objects.failed)), bad: sum((s) => s.objects.failed) > 0 },
    {
      key: "unrecognized",
      value: num(sum((s) => s.objects.unrecognized)),
      bad: sum((s) => s.objects.unrecognized) > 0,
    },
    { key: "quarantined", value: num(intake.quarantined), bad: intake.quarantined > 0 },
  ] as const;
  return (
    <dl className={classes.numbers}>
      {items.map((i) => (
        <div key={i.key} className="y-panel" data-bad={("bad" in i && i.bad) || undefined}>
          <dt>{t(`numbers.${i.key}`)}</dt>
          <dd>{i.value}</dd>
          {"list" in i && <Spark values={i.list} label={t(`numbers.${i.key}`)} />}
        </div>
      ))}
    </dl>
  );
}

/** Sources is the state of every source, the worst first. */
export function Sources({ intake }: { intake: Intake }) {
  const { t } = useTranslation("intake");
  const rows = intake.sources.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const troubled = rows.filter((s) => s.error || s.silent || s.objects.unrecognized > 0);
  return (
    <>
      <Numbers intake={intake} />
      {troubled.length > 0 && (
        <ul className={classes.troubles}>
          {troubled.map((s) => (
            <li key={s.name} data-state={s.state}>
              <b>{s.name}</b>
              {s.error && <div>{t("trouble.error", { why: visible(s.error, 600) })}</div>}
              {s.silent && (
                <div>
                  {t("trouble.silent", {
                    since: s.last_event ? relative(s.last_event) : "–",
                    usual: s.expected_every ? duration(s.expected_every * 1000) : "–",
                  })}
                </div>
              )}
              {s.objects.unrecognized > 0 && (
                <div>
                  {t("trouble.unrecognized", { n: num(s.objects.unrecognized) })}{" "}
                  <Go to={objectsUrl(s.name, "unrecognized")}>{t("trouble.show")}</Go>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      <Panel title={t("tabs.sources")} pad={false}>
        <DataTable<IntakeSource>
          label={t("tabs.sources")}
          tools
          rows={rows}
          rowKey={(s) => s.name}
          empty={<EmptyState title={t("none.title")} text={t("none.text")} />}
          columns={[
            {
              key: "state",
              title: t("column.state"),
              value: (s) => order.indexOf(s.state),
              render: (s) => (
                <span className={classes.state} data-state={s.state}>
                  {t(`state.${s.state}`)}
                </span>
              ),
              width: 110,
            },
            {
              key: "name",
              title: t("column.source"),
              value: (s) => s.name,
              render: (s) => (
                <div className={classes.name}>
                  <Go to={objectsUrl(s.name)}>{s.name}</Go>
                  <span className="y-dim y-cut" title={s.where}>
                    {t(`kind.${s.kind}`)} {s.where}
                  </span>
                </div>
              ),
            },
            {
              key: "rate",
              title: t("column.rate"),
              value: (s) => s.events_per_min,
              render: (s) => num(Math.round(s.events_per_min)),
              numeric: true,
            },
            {
              key: "events",
              title: t("column.events"),
              value: (s) => s.events,
              render: (s) => compact(s.events),
              numeric: true,
            },
            {
              key: "bytes",
              title: t("column.bytes"),
              value: (s) => s.bytes,
              render: (s) => bytes(s.bytes),
              numeric: true,
            },
            {
              key: "done",
              title: t("column.done"),
              value: (s) => s.objects.done,
              render: (s) => <Count s={s} n={s.objects.done} state="done" />,
              numeric: true,
            },
            {
              key: "waiting",
              title: t("column.waiting"),
              value: (s) => s.objects.pending + s.objects.leased,
              render: (s) => <Count s={s} n={s.objects.pending + s.objects.leased} state="pending" />,
              numeric: true,
            },
            {
              key: "failed",
              title: t("column.failed"),
              value: (s) => s.objects.failed,
              render: (s) => <Count s={s} n={s.objects.failed} state="failed" bad />,
              numeric: true,
            },
            {
              key: "unrecognized",
              title: t("column.unrecognized"),
              value: (s) => s.objects.unrecognized,
              render: (s) => <Count s={s} n={s.objects.unrecognized} state="unrecognized" bad />,
              numeric: true,
            },
            {
              key: "lag",
              title: t("column.lag"),
              value: (s) => s.lag_seconds,
              render: (s) => (s.lag_seconds > 0 ? duration(s.lag_seconds * 1000) : "–"),
              numeric: true,
            },
            {
              key: "last",
              title: t("column.last"),
              value: (s) => s.last_event ?? "",
              render: (s) => (s.last_event ? relative(s.last_event) : "–"),
            },
          ]}
        />
      </Panel>
      {intake.notices.length > 0 && (
        <Panel title={t("notices")}>
          <ul className={classes.notices}>
            {intake.notices.map((n) => (
              <li key={n}>{n}</li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}
