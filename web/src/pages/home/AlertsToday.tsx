import { useTranslation } from "react-i18next";
import type { Home } from "@/api";
import { href } from "@/state";
import { Go, num, SeverityBadge, severities } from "@/ui";
import classes from "./Home.module.css";

/** AlertsToday counts what waits for a person, by severity; each count leads to its list. */
export function AlertsToday({ alerts }: { alerts: Home["alerts"] }) {
  const { t } = useTranslation("home");
  const most = Math.max(1, ...severities.map((s) => alerts.by_severity[s]));
  return (
    <>
      <div className={classes.headline}>
        <Go to="/alerts?status=new" className={classes.big} data-count={alerts.new}>
          {num(alerts.new)}
        </Go>
        <span>
          {t("alerts.new")}
          <Go to="/alerts?status=acknowledged" className={classes.second}>
            {t("alerts.acknowledged", { count: alerts.acknowledged, shown: num(alerts.acknowledged) })}
          </Go>
        </span>
      </div>
      <ul className={classes.bars}>
        {severities.map((s) => (
          <li key={s}>
            <Go
              to={href("/alerts", { severity: s, status: "open" })}
              className={classes.bar}
              data-zero={alerts.by_severity[s] === 0 || undefined}
            >
              <SeverityBadge level={s} />
              <span className={classes.track} aria-hidden>
                <span style={{ width: `${(100 * alerts.by_severity[s]) / most}%`, background: `var(--y-sev-${s})` }} />
              </span>
              <b>{num(alerts.by_severity[s])}</b>
            </Go>
          </li>
        ))}
      </ul>
    </>
  );
}
