import type { Scope, YEvent } from "@/api";
import { commas, exploreUrl, type Filter, oneOf, text, writeTime } from "@/state";
import { keepSet, readColumns, readKept, typeSet, writeColumns } from "@/views/columns";

/** What stands in the address of Explore beside the range (from, to, tz, refresh) and the filters (f). */
export const spec = {
  q: text(""),
  /** Field of the histogram's series; "-" = none. */
  by: text("event.module"),
  cmp: oneOf(["", "previous", "day", "week"] as const, ""),
  cols: commas(),
  order: oneOf(["newest", "oldest"] as const, "newest"),
  /** How a table of statistics is shown. */
  view: oneOf(["table", "chart"] as const, "table"),
  /** The event that was opened last. */
  open: text(""),
  live: oneOf(["", "1"] as const, ""),
  /** A long state kept by the server. */
  link: text(""),
};

/** How many events the first page has (small: quick to show), the later ones, and how many are ever held. */
export const firstPage = 200;
export const nextPage = 1000;
export const mostEvents = 10_000;

/** columnsFor gives the columns in use: the address's, else what this browser remembers for such log types, else the standard. */
export function columnsFor(cols: string[], events: YEvent[]): string[] {
  return readColumns(cols.length > 0 ? cols : (readKept().sets[typeSet(events)] ?? []));
}

/** chooseColumns remembers a choice and gives what the address carries. */
export function chooseColumns(columns: string[], events: YEvent[]): string[] {
  keepSet(typeSet(events), columns);
  return writeColumns(columns);
}

const widths = ["now-1h", "now-24h", "now-7d", "now-30d", "now-90d", "now-1y"];
const spans = [1, 24, 168, 720, 2160, 8760].map((h) => h * 3_600_000);

/** wider is the next larger quick range, if there is one. */
export function wider(from: number, to: number): string | undefined {
  return widths[spans.findIndex((s) => s > (to - from) * 1.01)];
}

/** around is a range around a moment with a tenth of the width before and after, at least a minute. */
export function around(at: number, width: number, zone: string): { from: string; to: string } {
  const half = Math.max(60_000, width / 10);
  return {
    from: writeTime(Math.floor((at - half) / 1000) * 1000, zone),
    to: writeTime(Math.ceil((at + half) / 1000) * 1000, zone),
  };
}

/** fixedLink writes a search with its range as absolute times. */
export function fixedLink(searchText: string, range: { from: number; to: number }, zone: string): string {
  const params = new URLSearchParams(searchText);
  for (const name of ["from", "to", "tz", "refresh", "live"]) params.delete(name);
  const rest = params.toString();
  const head = exploreUrl({ from: writeTime(range.from, zone), to: writeTime(range.to, zone), tz: zone });
  return rest ? `${head}&${rest}` : head;
}

/** savedLink opens a saved search. */
export function savedLink(
  s: { q: string; columns?: string[]; from?: string; to?: string; by?: string },
  filters: Filter[],
): string {
  return exploreUrl({ q: s.q, filters, from: s.from, to: s.to, by: s.by, columns: s.columns });
}

/** sameScope tells whether two questions are about the same events. */
export function sameScope(a: Scope, b: Scope): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
