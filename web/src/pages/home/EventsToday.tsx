import { useTranslation } from "react-i18next";
import type { Home } from "@/api";
import { civil, exploreUrl } from "@/state";
import { compact, Delta, Go, num } from "@/ui";
import classes from "./Home.module.css";

const height = 104;
const step = 24;

/** EventsToday compares today with yesterday and the same weekday of last week, each up to the same time of day. */
export function EventsToday({ events, now, zone }: { events: Home["events"]; now: string; zone: string }) {
  const { t } = useTranslation("home");
  const hour = civil(Date.parse(now), zone).hour;
  const most = Math.max(1, ...events.per_hour, ...events.per_hour_last_week);
  const y = (n: number) => height - (n / most) * (height - 6);
  const week = events.per_hour_last_week.map((n, i) => `${i * step + step / 2},${y(n)}`).join(" ");
  const at = (h: number) => `${String(h).padStart(2, "0")}:00`;
  return (
    <>
      <div className={classes.headline}>
        <Go to={exploreUrl({ from: "now/d", to: "now/d" })} className={classes.big} title={num(events.today)}>
          {compact(events.today)}
        </Go>
        <div className={classes.deltas}>
          <Delta now={events.today} before={events.yesterday_same_time} than={t("events.yesterday")} format={compact} />
          <Delta now={events.today} before={events.last_week_same_time} than={t("events.lastWeek")} format={compact} />
        </div>
        <span className={classes.legend} aria-hidden>
          <i data-bar /> {t("events.legendToday")}
          <i data-line /> {t("events.legendLastWeek")}
        </span>
      </div>
      <svg
        viewBox={`0 0 ${24 * step} ${height + 16}`}
        className={classes.chart}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("events.chart")}
      >
        <line x1="0" x2={24 * step} y1={height} y2={height} className={classes.axis} />
        {events.per_hour.map((n, h) => (
          <rect
            key={h}
            x={h * step + 3}
            width={step - 6}
            y={y(n)}
            height={height - y(n)}
            rx="2"
            className={classes.hour}
            data-now={h === hour || undefined}
          >
            <title>
              {t("events.hour", { at: at(h), now: num(n), before: num(events.per_hour_last_week[h] ?? 0) })}
            </title>
          </rect>
        ))}
        <polyline points={week} className={classes.week} />
      </svg>
      <div className={classes.hours} aria-hidden>
        {[0, 6, 12, 18, 24].map((h) => (
          <span key={h}>{at(h)}</span>
        ))}
      </div>
    </>
  );
}
