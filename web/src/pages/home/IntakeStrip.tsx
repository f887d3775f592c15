import { useTranslation } from "react-i18next";
import type { Home, SourceState } from "@/api";
import { duration, Go, num, relative } from "@/ui";
import classes from "./Home.module.css";

const order: SourceState[] = ["failing", "silent", "paused", "lag", "ok"];

/** IntakeStrip says whether logs come in: the worst sources first, and what waits or failed. */
export function IntakeStrip({ intake }: { intake: Home["intake"] }) {
  const { t } = useTranslation("home");
  const sources = intake.sources.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return (
    <>
      {intake.paused && <div className={classes.paused}>{intake.paused}</div>}
      <ul className={classes.sources}>
        {sources.slice(0, 5).map((s) => (
          <li key={s.name}>
            <Go to={`/intake?source=${encodeURIComponent(s.name)}`} className={classes.source}>
              <span className={classes.state} data-state={s.state}>
                {t(`intake.state.${s.state}`)}
              </span>
              <span className="y-cut">{s.name}</span>
              <span className={classes.rate}>
                {s.state === "lag"
                  ? t("intake.behind", { time: duration(s.lag_seconds * 1000) })
                  : s.state === "silent" && s.last_event
                    ? relative(s.last_event)
                    : t("intake.rate", { n: num(Math.round(s.events_per_min)) })}
              </span>
            </Go>
          </li>
        ))}
      </ul>
      {sources.length === 0 && <div className="y-dim">{t("intake.none")}</div>}
      {sources.length > 5 && (
        <Go to="/intake" className={classes.second}>
          {t("intake.more", { n: num(sources.length - 5) })}
        </Go>
      )}
      <dl className={classes.counts}>
        {(["waiting", "failed", "quarantined"] as const).map((k) => (
          <div key={k} data-bad={(k !== "waiting" && intake[k] > 0) || undefined}>
            <dt>{t(`intake.${k}`)}</dt>
            <dd>
              <Go
                to={
                  k === "quarantined"
                    ? "/intake?tab=quarantine"
                    : `/intake?state=${k === "waiting" ? "pending" : "failed"}`
                }
              >
                {num(intake[k])}
              </Go>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
