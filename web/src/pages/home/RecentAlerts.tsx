import { IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { AlertCard } from "@/api";
import { language } from "@/i18n";
import { EmptyState, Go, num, relative, SeverityBadge, StatusBadge, visible } from "@/ui";
import classes from "./Home.module.css";

/** RecentAlerts are the newest open alerts, each a link to its page. */
export function RecentAlerts({ alerts }: { alerts: AlertCard[] }) {
  const { t } = useTranslation("home");
  if (alerts.length === 0)
    return <EmptyState icon={IconCircleCheck} title={t("recent.none")} text={t("recent.noneText")} />;
  return (
    <ul className={classes.recent}>
      {alerts.map((a) => (
        <li key={a.id}>
          <Go to={`/alerts/${encodeURIComponent(a.id)}`} className={classes.alert} data-severity={a.severity}>
            <span className={classes.alertSeverity}>
              <SeverityBadge level={a.severity} />
            </span>
            <span className={classes.alertTitle}>
              <b>{visible((language() === "ja" && a.title_ja) || a.title, 200)}</b>
              {a.group && <span className="y-mono y-dim y-cut">{visible(a.group, 160)}</span>}
            </span>
            <StatusBadge status={a.status} />
            <span className={classes.alertCount}>
              {t("recent.findings", { count: a.findings, shown: num(a.findings) })}
            </span>
            <time className={classes.alertTime} dateTime={a.last_seen}>
              {relative(a.last_seen)}
            </time>
          </Go>
        </li>
      ))}
    </ul>
  );
}
