import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { go } from "@/app/router";
import { exploreUrl, useRange } from "@/state";
import { Loading, Panel } from "@/ui";
import classes from "./Entity.module.css";
import type { EntityAnswer } from "./endpoints";

const Histogram = lazy(() => import("@/charts/Histogram").then((m) => ({ default: m.Histogram })));
const height = 200;

/** Activity is the events over time by log type; a drawn stretch becomes the range of the page. */
export function Activity({ data, stale }: { data: EntityAnswer; stale: boolean }) {
  const { t } = useTranslation("entity");
  const range = useRange();
  return (
    <Panel
      title={t("activity")}
      className={classes.wide}
      actions={<span className={classes.hint}>{t("activityHint")}</span>}
    >
      <div style={{ minHeight: height + 26 }}>
        <Suspense fallback={<Loading height={height} />}>
          <Histogram
            data={data.timeline}
            zone={range.zone}
            by="event.module"
            height={height}
            stale={stale}
            onZoom={range.setMs}
            onZoomOut={range.zoomOut}
            onSeries={(key, mode) =>
              go(
                exploreUrl({
                  q: data.where,
                  filters: [
                    { field: "event.module", value: key ?? undefined, negate: (mode === "out") !== (key === null) },
                  ],
                  from: range.from,
                  to: range.to,
                  tz: range.tz,
                }),
              )
            }
          />
        </Suspense>
      </div>
    </Panel>
  );
}
