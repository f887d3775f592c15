import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Histogram as HistogramData } from "@/api";
import { useZone } from "@/state";
import {
  bytes,
  compact,
  DataTable,
  date,
  duration,
  EmptyState,
  Go,
  Loading,
  num,
  Panel,
  relative,
  visible,
} from "@/ui";
import type { Intake, IntakeSource } from "./endpoints";
import classes from "./Intake.module.css";
import { Spark } from "./Spark";

const Histogram = lazy(() => import("@/charts/Histogram").then((m) => ({ default: m.Histogram })));
const height = 110;
const order = ["failing", "silent", "paused", "lag", "ok"];

function objectsUrl(source: string, state?: string): string {
  return `/intake?tab=objects&source=${encodeURIComponent(source)}${state ? `&state=${state}` : ""}`;
}

const kept = ["failed", "unrecognized", "pending", "leased", "done"] as const;

/** ObjectStates is what became of a source's objects, each number a way to them. */
function ObjectStates({ s }: { s: IntakeSource }) {
  const { t } = useTranslation("intake");
  const some = kept.filter((k) => s.objects[k] > 0);
  if (some.length === 0) return <span className="y-dim">–</span>;
  return (
    <span className={classes.states}>
      {some.map((k) => (
        <Go key={k} to={objectsUrl(s.name, k)} data-state={k}>
          <b>{num(s.objects[k])}</b> {t(`object.${k}`)}
        </Go>
      ))}
    </span>
  );
}

/** Arrived is the events of the last day by when they were committed. */
function Arrived({ intake }: { intake: Intake }) {
  const { t } = useTranslation("intake");
  const zone = useZone();
  const { buckets, events, width_ms } = intake.rates;
  const total = events.reduce((a, b) => a + b, 0);
  const last = buckets.at(-1);
  const data: HistogramData = {
    buckets,
    end: last ? new Date(Date.parse(last) + width_ms).toISOString() : undefined,
    width_ms,
    series: [{ key: null, counts: events }],
    total,
    stats: { parts: 0, parts_read: 0, rows: 0, bytes: 0, elapsed_ms: 0 },
  };
  return (
    <Panel title={t("arrived")} className={classes.above}>
      <div style={{ minHeight: height + 26 }}>
        <Suspense fallback={<Loading height={height} />}>
          <Histogram data={data} zone={zone} height={height} />
        </Suspense>
      </div>
    </Panel>
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
  const zone = useZone();
  const troubled = rows.filter((s) => s.state !== "ok" || s.error || s.silent || s.objects.unrecognized > 0);
  return (
    <>
      <Numbers intake={intake} />
      {troubled.length > 0 && (
        <ul className={classes.troubles}>
          {troubled.map((s) => (
            <li key={s.name} data-state={s.state}>
              <b>{visible(s.name, 200)}</b>
              {s.state === "failing" && <div>{t("trouble.failing")}</div>}
              {s.state === "lag" && (
                <div>
                  {t("trouble.lag", {
                    n: num(s.objects.pending + s.objects.leased),
                    lag: duration(s.lag_seconds * 1000),
                  })}
                </div>
              )}
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
      {intake.sources.length > 0 && <Arrived intake={intake} />}
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
                  <Go to={objectsUrl(s.name)}>{visible(s.name, 200)}</Go>
                  <span className="y-dim" title={s.where}>
                    {t(`kind.${s.kind}`)} <bdi>{visible(s.where ?? "", 300)}</bdi>
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
              render: (s) => <span className={classes.whole}>{bytes(s.bytes)}</span>,
              numeric: true,
            },
            {
              key: "objects",
              title: t("column.objects"),
              value: (s) => s.objects.failed + s.objects.unrecognized + s.objects.pending + s.objects.leased,
              render: (s) => <ObjectStates s={s} />,
            },
            {
              key: "quarantined",
              title: t("column.quarantined"),
              value: (s) => s.quarantined,
              render: (s) =>
                s.quarantined > 0 ? (
                  <Go to="/intake?tab=quarantine">{num(s.quarantined)}</Go>
                ) : (
                  <span className="y-dim">0</span>
                ),
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
              render: (s) =>
                s.last_event ? (
                  <time className={classes.whole} dateTime={s.last_event} title={date(s.last_event, zone)}>
                    {relative(s.last_event)}
                  </time>
                ) : (
                  "–"
                ),
            },
          ]}
        />
      </Panel>
      {intake.notices.length > 0 && (
        <Panel title={t("notices")} className={classes.second}>
          <ul className={classes.notices}>
            {intake.notices.map((n) => (
              <li key={n}>{visible(n, 600)}</li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}
