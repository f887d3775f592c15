import { Button } from "@mantine/core";
import { IconDatabaseImport } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type Scope, useApi } from "@/api";
import { formatFilter, useFilters, useRange, useUrlState } from "@/state";
import { EmptyState, Go } from "@/ui";
import { date } from "@/ui/format";
import { visible } from "@/ui/visible";
import { stagesAt } from "@/views/query/tokens";
import { around, spec, wider } from "./state";

/** NoEvents says why nothing was found and what to do: another time, a wider range, one condition less, or data at all. */
export function NoEvents({ scope }: { scope: Scope }) {
  const { t } = useTranslation("explore");
  const range = useRange();
  const { filters, remove } = useFilters();
  const [, set] = useUrlState(spec);
  const cut = stagesAt(scope.q);
  const q = cut < 0 ? scope.q : scope.q.slice(0, cut);
  const types = useApi("GET /types", {}, { staleTime: 30_000 });
  const nearest = useApi(
    "POST /query",
    { body: { q, filters: scope.filters, from: "", to: "", zone: scope.zone, limit: 1 } },
    { keep: false },
  );
  const stored = types.data?.items.reduce((n, x) => n + x.events, 0);
  if (stored === 0)
    return (
      <EmptyState icon={IconDatabaseImport} title={t("empty.start")} text={t("empty.startText")}>
        <Button component={Go} to="/intake">
          {t("empty.intake")}
        </Button>
        <Button component={Go} to="/" variant="default">
          {t("empty.home")}
        </Button>
      </EmptyState>
    );
  const newest = nearest.data?.events?.[0];
  const { from, to } = range.resolve();
  const next = wider(from, to);
  const last = filters.at(-1);
  const narrowed = q.trim() !== "" || filters.length > 0;
  return (
    <EmptyState
      title={t("empty.title")}
      text={
        newest
          ? t("empty.elsewhere")
          : nearest.isPending
            ? t("empty.text")
            : narrowed
              ? t("empty.nowhere")
              : t("empty.text")
      }
    >
      {newest && (
        <Button onClick={() => range.set(around(Date.parse(newest.time), to - from, range.zone))}>
          {t("empty.nearest", { at: date(newest.time, range.zone) })}
        </Button>
      )}
      {next && (
        <Button variant="default" onClick={() => range.set({ from: next, to: "now" })}>
          {t("empty.wider", { range: t(`empty.range.${next.slice(4)}`) })}
        </Button>
      )}
      {last && (
        <Button variant="default" onClick={() => remove(filters.length - 1)}>
          {t("empty.remove", { filter: visible(formatFilter(last), 60) })}
        </Button>
      )}
      {q.trim() !== "" && (
        <Button variant="default" onClick={() => set({ q: "" })}>
          {t("empty.clear")}
        </Button>
      )}
    </EmptyState>
  );
}
