import type { Cell, Column, Scope } from "@/api";
import { exploreUrl, type Filter, fromApi, withFilter, writeEnd, writeTime } from "@/state";
import type { Key } from "@/views/query/tokens";

/**
 * cellLink makes, for a row, the address of its events: the condition of the question, a filter for each group key of the row,
 * and for a time bucket its stretch. Hours and weekdays have no such address.
 */
export function cellLink(
  condition: string,
  scope: Scope,
  keys: (Key | undefined)[],
  columns: Column[],
  rows: Cell[][],
): (row: Cell[]) => string | undefined {
  const time = keys.findIndex((k) => k?.time === "bucket");
  const starts =
    time < 0
      ? []
      : [...new Set(rows.map((r) => Date.parse(String(r[time]))))].filter(Number.isFinite).sort((a, b) => a - b);
  const width = starts.slice(1).reduce((least, s, i) => Math.min(least, s - starts[i]!), Number.POSITIVE_INFINITY);
  return (row) => {
    if (!keys.some(Boolean) || keys.some((k) => k?.time === "hour" || k?.time === "weekday")) return undefined;
    let filters: Filter[] = fromApi(scope.filters ?? []);
    let range = { from: scope.from, to: scope.to };
    for (const [i] of columns.entries()) {
      const key = keys[i];
      if (!key) continue;
      if (key.time) {
        const at = Date.parse(String(row[i]));
        const end = starts.find((s) => s > at) ?? (Number.isFinite(width) ? at + width : undefined);
        if (!Number.isFinite(at) || end === undefined || key.field !== "@timestamp") continue;
        // A gap between buckets must not widen the stretch.
        const last = Number.isFinite(width) && end - at > width * 1.6 ? at + width : end;
        range = { from: writeTime(at, scope.zone ?? "UTC"), to: writeEnd(last, scope.zone ?? "UTC") };
      } else filters = withFilter(filters, key.field, row[i] ?? null, "for");
    }
    return exploreUrl({ q: condition, filters, ...range });
  };
}
