import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Home, useApi } from "@/api";
import { useZone } from "@/state";
import { EmptyState, ErrorState, Go, Loading, Page, Panel } from "@/ui";
import { AlertsToday } from "./AlertsToday";
import { EventsToday } from "./EventsToday";
import { Fresh } from "./Fresh";
import { GetStarted } from "./GetStarted";
import classes from "./Home.module.css";
import { IntakeStrip } from "./IntakeStrip";
import { RecentAlerts } from "./RecentAlerts";

function Body({ home, zone }: { home: Home; zone: string }) {
  const { t } = useTranslation("home");
  const open = home.get_started.some((s) => !s.done);
  if (home.empty) return <GetStarted steps={home.get_started} alone />;
  return (
    <div className={classes.grid}>
      <Panel title={t("alerts.title")} className={classes.third}>
        <AlertsToday alerts={home.alerts} />
      </Panel>
      <Panel title={t("events.title")} className={classes.wide}>
        <EventsToday events={home.events} now={home.now} zone={zone} />
      </Panel>
      <Panel title={t("intake.title")} className={classes.third}>
        <IntakeStrip intake={home.intake} />
      </Panel>
      <Panel
        title={t("recent.title")}
        className={classes.wide}
        pad={false}
        actions={
          <Button component={Go} to="/alerts" variant="subtle" size="compact-xs">
            {t("recent.all")}
          </Button>
        }
      >
        <RecentAlerts alerts={home.recent_alerts} />
      </Panel>
      <Panel title={t("fresh.title")} className={open ? classes.wide : classes.full}>
        <Fresh fresh={home.fresh} />
      </Panel>
      {open && (
        <Panel title={t("start.title")} className={classes.third}>
          <GetStarted steps={home.get_started} />
        </Panel>
      )}
    </div>
  );
}

/** HomePage is the first look of the day: what is open, whether the logs come in, what is new. */
export default function HomePage() {
  const { t } = useTranslation("home");
  const zone = useZone();
  const { data, error, refetch, isPending } = useApi("GET /home", { query: { zone } }, { every: 60_000 });
  return (
    <Page title={t("title")} hideTitle>
      {data && (
        <div aria-live="off">
          <Body home={data} zone={zone} />
        </div>
      )}
      {!data && error && <ErrorState problem={error} retry={() => refetch()} />}
      {isPending && (
        <div className={classes.grid}>
          {[classes.third, classes.wide, classes.third, classes.wide].map((c, i) => (
            <div key={i} className={c}>
              <Loading height={210} />
            </div>
          ))}
        </div>
      )}
      {data && error && (
        <Group justify="center" mt="md">
          <EmptyState title={t("stale")} />
        </Group>
      )}
    </Page>
  );
}
