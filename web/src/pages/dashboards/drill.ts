import { useMemo } from "react";
import { go } from "@/app/router";
import type { Drill, PanelAnswer, Picked } from "@/charts/model";
import { exploreUrl, type Filters, type Range, withFilter, writeEnd, writeTime } from "@/state";

/** span writes a stretch as the address carries it. */
export function span(from: number, to: number, zone: string): { from: string; to: string } {
  return { from: writeTime(from, zone), to: writeEnd(to, zone) };
}

/** eventsUrl is the search that shows the events of something pressed: condition of the panel, its group keys, its stretch of time. */
export function eventsUrl(answer: PanelAnswer | undefined, p: Picked, zone: string, tz: string): string {
  if (!answer) return "/explore";
  const where = (p.name !== undefined && answer.wheres?.[p.name]) || answer.where;
  const filters = p.filters.reduce(
    (all, f) => withFilter(all, f.field, f.value, "for"),
    [] as ReturnType<typeof withFilter>,
  );
  const a = Date.parse(answer.from);
  const b = Date.parse(answer.to);
  const times = p.span ? { from: Math.max(a, p.span.from), to: Math.min(b, p.span.to) } : { from: a, to: b };
  return exploreUrl({ q: where === "*" ? "" : where, filters, ...span(times.from, times.to, zone), tz });
}

/** useDrill is what pressing does in a panel of a board. */
export function useDrill(answer: PanelAnswer | undefined, range: Range, filters: Filters): Drill {
  return useMemo(() => {
    const link = (p: Picked) => eventsUrl(answer, p, range.zone, range.tz);
    return {
      link,
      pick: (p, keys) => {
        if (keys.altKey || p.filters.length === 0) return go(link(p));
        const mode = keys.shiftKey ? "out" : "for";
        filters.setFilters(p.filters.reduce((all, f) => withFilter(all, f.field, f.value, mode), filters.filters));
      },
      zoom: (from, to) => range.set(span(from, to, range.zone)),
    };
  }, [answer, range, filters]);
}
