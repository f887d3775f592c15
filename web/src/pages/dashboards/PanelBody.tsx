import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { YEvent } from "@/api";
import { Problem } from "@/api";
import { Donut } from "@/charts/Donut";
import { HBars } from "@/charts/HBars";
import { Heatmap } from "@/charts/Heatmap";
import { Markdown } from "@/charts/Markdown";
import {
  type ChartProps,
  type DataSet,
  type Drill,
  inLanguage,
  type PanelAnswer,
  type PanelDefinition,
} from "@/charts/model";
import { NumberView } from "@/charts/NumberView";
import { Sankey } from "@/charts/Sankey";
import { TopTable } from "@/charts/TopTable";
import { Treemap } from "@/charts/Treemap";
import { Twin } from "@/charts/Twin";
import { ErrorState } from "@/ui";
import { EventTable } from "@/views/EventTable";
import classes from "./Board.module.css";

const CartChart = lazy(() => import("@/charts/CartChart"));
const WorldMap = lazy(() => import("@/charts/WorldMap"));

export interface PanelBodyProps {
  panel: PanelDefinition;
  answer: PanelAnswer;
  drill: Drill;
  zone: string;
  twin: boolean;
  full: boolean;
  label: string;
  titleOf: (field: string) => string | undefined;
  onAll: () => void;
}

/** Fields that the event table shows as columns of its own. */
const names: Record<string, string> = { "@timestamp": "@time", "event.module": "@type" };

const alone = new Set(["number", "controls", "text", "events"]);

/** PanelBody draws an answer by the panel's view, or says why there is nothing to draw. */
export function PanelBody({ panel, answer, drill, zone, twin, full, label, titleOf, onAll }: PanelBodyProps) {
  const { t } = useTranslation("dashboards");
  const data = answer.data as DataSet | undefined;
  const previous = answer.previous as DataSet | undefined;
  const range = useMemo(() => ({ from: Date.parse(answer.from), to: Date.parse(answer.to) }), [answer.from, answer.to]);
  if (answer.error)
    return (
      <ErrorState
        small
        problem={new Problem(422, { title: t("panel.failed"), detail: answer.error.message, hint: answer.error.hint })}
      />
    );
  if (panel.view === "events") {
    const events = (answer.events ?? []) as YEvent[];
    if (events.length === 0) return <Nothing text={t("panel.noEvents")} />;
    const columns = (panel.options?.columns ?? []).map((c) => names[c] ?? c);
    return (
      <div className={classes.events}>
        <EventTable
          events={events}
          columns={columns.length > 0 ? columns : ["@time", "@type", "@text"]}
          zone={zone}
          label={label}
          titleOf={titleOf}
        />
      </div>
    );
  }
  if (!data) return <Nothing text={t("panel.empty")} />;
  const props: ChartProps = {
    data,
    previous,
    options: panel.options ?? {},
    zone,
    drill,
    total: answer.total,
    label,
    titleOf,
  };
  if (twin) return <Twin {...props} />;
  if (data.rows.length === 0 && panel.view !== "number")
    return <Nothing text={t(`empty.${alone.has(panel.view) || panel.minus ? "good" : "rows"}`)} />;
  switch (panel.view) {
    case "number":
      return <NumberView {...props} trend={answer.trend as DataSet | undefined} ratio={panel.ratio} />;
    case "table":
      return <TopTable {...props} onAll={onAll} all={full} />;
    case "donut":
      return <Donut {...props} />;
    case "bar": {
      const key = data.columns.find((c) => c.role === "key");
      if (!key?.time && panel.options?.horizontal) return <HBars {...props} onAll={onAll} all={full} />;
      return wait(<CartChart {...props} kind="bar" />);
    }
    case "line":
    case "area":
      return wait(<CartChart {...props} kind={panel.view} />);
    case "heatmap":
      return <Heatmap {...props} range={range} />;
    case "map":
      return wait(<WorldMap {...props} />);
    case "sankey":
      return <Sankey {...props} />;
    case "treemap":
      return <Treemap {...props} />;
    case "text":
      return <Markdown text={inLanguage(panel.text)} />;
    default:
      return null;
  }
}

function wait(child: React.ReactNode) {
  return <Suspense fallback={<div style={{ flex: 1 }} aria-busy="true" />}>{child}</Suspense>;
}

function Nothing({ text }: { text: string }) {
  return (
    <div className={classes.nothing} role="status">
      {text}
    </div>
  );
}
