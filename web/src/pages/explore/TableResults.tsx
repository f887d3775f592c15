import { ActionIcon, SegmentedControl, Tooltip } from "@mantine/core";
import { IconDownload, IconTable } from "@tabler/icons-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { QueryAnswer, Scope } from "@/api";
import { downloadCsv, EmptyState, Loading } from "@/ui";
import { num } from "@/ui/format";
import { keysOf, stagesAt } from "@/views/query/tokens";
import { cellLink } from "./cellLink";
import { ResultTable } from "./ResultTable";
import classes from "./TableResults.module.css";

const StatsChart = lazy(() => import("@/charts/StatsChart").then((m) => ({ default: m.StatsChart })));

/** TableResults shows the rows of a statistics question: a sortable table whose groups lead to their events, or a chart. */
export function TableResults({
  scope,
  answer,
  stale,
  view,
  onView,
}: {
  scope: Scope;
  answer: QueryAnswer;
  stale: boolean;
  view: "table" | "chart";
  onView: (view: "table" | "chart") => void;
}) {
  const { t } = useTranslation("explore");
  const keys = useMemo(() => keysOf(scope.q), [scope.q]);
  const [kind, setKind] = useState<"bar" | "line">();
  const columns = answer.columns ?? [];
  const rows = answer.rows ?? [];
  const keyed = columns.map((c) => keys.find((k) => k.column === c.name));
  const values = columns.flatMap((c, i) => (!keyed[i] && (c.kind === "int" || c.kind === "float") ? [i] : []));
  const time = keyed.findIndex((k) => k?.time === "bucket");
  const chartable = values.length > 0 && keyed.some(Boolean) && rows.length > 0;
  const cut = stagesAt(scope.q);
  const links = useMemo(
    () => cellLink(cut < 0 ? scope.q : scope.q.slice(0, cut).trim(), scope, keyed, columns, rows),
    [cut, scope, keyed, columns, rows],
  );
  return (
    <div className={classes.frame} data-stale={stale || undefined}>
      <div className={classes.bar}>
        <b data-rows={rows.length}>
          {t(answer.more ? "stats.more" : "stats.rows", { count: rows.length, shown: num(rows.length) })}
        </b>
        <span className={classes.tools}>
          {chartable && (
            <SegmentedControl
              aria-label={t("stats.view")}
              value={view === "table" ? "table" : (kind ?? (time >= 0 ? "line" : "bar"))}
              onChange={(v) => {
                if (v !== "table") setKind(v as "bar" | "line");
                onView(v === "table" ? "table" : "chart");
              }}
              data={[
                { value: "table", label: t("stats.table") },
                { value: "bar", label: t("stats.bars") },
                ...(time >= 0 ? [{ value: "line", label: t("stats.lines") }] : []),
              ]}
            />
          )}
          <Tooltip label={t("stats.csv")}>
            <ActionIcon
              aria-label={t("stats.csv")}
              onClick={() =>
                downloadCsv(
                  "yagura-statistics.csv",
                  columns.map((c) => c.name),
                  rows,
                )
              }
            >
              <IconDownload size={16} />
            </ActionIcon>
          </Tooltip>
        </span>
      </div>
      {rows.length === 0 ? (
        <EmptyState icon={IconTable} title={t("stats.none")} text={t("stats.noneText")} />
      ) : view === "chart" && chartable ? (
        <Suspense fallback={<Loading height={320} />}>
          <StatsChart
            columns={columns}
            rows={rows}
            keys={keyed}
            values={values}
            kind={kind ?? (time >= 0 ? "line" : "bar")}
            zone={scope.zone ?? "UTC"}
          />
        </Suspense>
      ) : (
        <ResultTable
          columns={columns}
          rows={rows}
          keys={keyed}
          links={links}
          zone={scope.zone ?? "UTC"}
          label={t("stats.label")}
        />
      )}
    </div>
  );
}
