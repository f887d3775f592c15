import type { Value } from "@/api";
import { go } from "@/app/router";
import { exploreUrl, type FilterMode, useFilters, useRange } from "@/state";

/**
 * useFilterTo is what + and − of the view pieces do: on Explore they change the filters of the page, elsewhere they open Explore.
 * (The shared ValueMenu does the same by useFilterTarget.)
 */
export function useFilterTo(): (field: string, value: Value, mode: FilterMode) => void {
  const range = useRange();
  const { addFilter } = useFilters();
  return (field, value, mode) => {
    if (location.pathname === "/explore" || location.pathname.startsWith("/dashboards/"))
      return addFilter(field, value, mode);
    const filters = [
      { field, value: value === null ? undefined : String(value), negate: (mode === "out") !== (value === null) },
    ];
    go(exploreUrl({ filters, from: range.from, to: range.to, tz: range.tz }));
  };
}
