import type { Cell } from "@/api";
import type { components } from "@/api/schema";
import { language } from "@/i18n";
import { bytes, cell, compact, country, date, duration, num, percent, visible } from "@/ui/format";

type Schemas = components["schemas"];
export type Definition = Schemas["BoardDefinition"];
export type PanelDefinition = Schemas["BoardPanel"];
export type Variable = Schemas["BoardVariable"];
export type Options = Schemas["BoardOptions"];
export type Choices = Schemas["BoardChoices"];
export type BoardProblem = Schemas["BoardProblem"];
export type BoardText = Schemas["BoardText"];
export type PanelAnswer = Schemas["DashboardPanel"];
export type BoardColumn = Schemas["BoardColumn"];

/** Rows of statistics as a panel draws them. */
export interface DataSet {
  columns: BoardColumn[];
  rows: Cell[][];
  more?: boolean;
  /** Starts of all pieces of time, also of those without events. */
  buckets?: string[];
  end?: string;
}

/** What was pressed on a chart: the values it stands for, and its stretch of time, ms since 1970. */
export interface Picked {
  filters: { field: string; value: Cell }[];
  span?: { from: number; to: number };
  /** The question it belongs to, when the panel has several. */
  name?: string;
}

export interface PickKeys {
  shiftKey?: boolean;
  altKey?: boolean;
}

/** What pressing does. Without it a chart only shows. */
export interface Drill {
  /** The address of the events behind it. */
  link: (p: Picked) => string;
  /** Filter for it; with shift out; with alt open its events. */
  pick: (p: Picked, keys: PickKeys) => void;
  /** Draw a stretch: it becomes the range of the page. */
  zoom: (from: number, to: number) => void;
}

export interface ChartProps {
  data: DataSet;
  previous?: DataSet;
  options: Options;
  zone: string;
  drill: Drill;
  /** What the whole is of which rows are shares. */
  total?: number;
  /** The chart's name for screen readers. */
  label: string;
  /** Title of a field, if there is one. */
  titleOf: (field: string) => string | undefined;
}

export function inLanguage(t?: BoardText): string {
  if (!t) return "";
  return (language() === "ja" ? t.ja || t.en : t.en || t.ja) ?? "";
}

export const keyPlaces = (d: DataSet): number[] => d.columns.flatMap((c, i) => (c.role === "key" ? [i] : []));
export const valuePlaces = (d: DataSet): number[] => d.columns.flatMap((c, i) => (c.role === "value" ? [i] : []));

/** number reads a cell as a number; 0 for what is none. */
export const number = (v: Cell | undefined): number => (typeof v === "number" && Number.isFinite(v) ? v : 0);

/** columnTitle is what people read above a column. */
export function columnTitle(c: BoardColumn, titleOf: ChartProps["titleOf"]): string {
  return inLanguage(c.title) || (c.role === "key" && c.field ? titleOf(c.field) : undefined) || c.name;
}

/** amount writes a number short (for tiles and axes) and whole (for tables and tooltips) in its unit. */
export function amount(unit?: string): { short: (n: number) => string; full: (n: number) => string } {
  switch (unit) {
    case "bytes":
      return { short: bytes, full: bytes };
    case "percent":
      return { short: percent, full: percent };
    case "ms":
      return { short: duration, full: duration };
    case "s":
      return { short: (n) => duration(n * 1000), full: (n) => duration(n * 1000) };
    case "ns":
      return { short: (n) => duration(n / 1e6), full: (n) => duration(n / 1e6) };
    default:
      return { short: (n) => (Math.abs(n) < 100_000 ? num(n) : compact(n)), full: num };
  }
}

const weekdays = new Map<string, string[]>();

/** weekday names a day, 1 = Monday. */
export function weekday(day: number): string {
  const lang = language();
  let names = weekdays.get(lang);
  if (!names) {
    const f = new Intl.DateTimeFormat(lang, { weekday: "short", timeZone: "UTC" });
    names = Array.from({ length: 7 }, (_, i) => f.format(Date.UTC(2024, 0, 1 + i)));
    weekdays.set(lang, names);
  }
  return names[day - 1] ?? String(day);
}

/** keyText is what a group is called. */
export function keyText(c: BoardColumn, value: Cell | undefined, zone: string, most = 200): string {
  if (value === null || value === undefined || value === "") return "–";
  if (c.part === "weekday") return weekday(Number(value));
  if (c.part === "hour") return `${value}:00`;
  if (c.kind === "time" || c.time) return date(String(value), zone);
  if (c.field?.endsWith("country_iso_code")) return country(String(value));
  return typeof value === "string" ? visible(value, most) : cell(value);
}

/** valueText writes a number of a column: times as times, sums of bytes as bytes. */
export function valueText(c: BoardColumn, value: Cell | undefined, zone: string, unit?: string, full = true): string {
  if (value === null || value === undefined) return "–";
  if (c.kind === "time") return date(String(value), zone);
  if (typeof value !== "number") return typeof value === "string" ? visible(value, 200) : cell(value);
  const own = c.func === "count" || c.func === "distinct" ? (unit === "percent" ? unit : "count") : unit;
  const shown = /^(sum|avg|min|max|p\d+)/.test(c.func ?? "") && !unit && /bytes$/.test(c.field ?? "") ? "bytes" : own;
  return (full ? amount(shown).full : amount(shown).short)(value);
}

/** filtersOf are the conditions that make the events of a row: its group keys. Time is not among them. */
export function filtersOf(d: DataSet, row: Cell[]): Picked["filters"] {
  return d.columns.flatMap((c, i) =>
    c.role === "key" && c.field && !c.time && !c.part && c.kind !== "time"
      ? [{ field: c.field, value: row[i] === undefined || row[i] === "" ? null : row[i]! }]
      : [],
  );
}

/** spanOf is the stretch of time of a row, when a key is time. */
export function spanOf(d: DataSet, row: Cell[]): Picked["span"] {
  const i = d.columns.findIndex((c) => c.role === "key" && (c.time || c.kind === "time") && !c.part);
  if (i < 0) return undefined;
  const from = Date.parse(String(row[i]));
  if (!Number.isFinite(from)) return undefined;
  const starts = (d.buckets ?? []).map((b) => Date.parse(b));
  const next = starts.find((s) => s > from) ?? (d.end ? Date.parse(d.end) : undefined);
  if (next !== undefined) return { from, to: next };
  const others = [...new Set(d.rows.map((r) => Date.parse(String(r[i]))))].sort((a, b) => a - b);
  const width = others.slice(1).reduce((least, s, j) => Math.min(least, s - others[j]!), Number.POSITIVE_INFINITY);
  const minute = d.columns[i]!.name === "minute" ? 60_000 : width;
  return Number.isFinite(minute) ? { from, to: from + minute } : { from, to: from + 60_000 };
}

/** pickedOf is a whole row as something pressed. */
export function pickedOf(d: DataSet, row: Cell[], name?: string): Picked {
  return { filters: filtersOf(d, row), span: spanOf(d, row), name };
}

/** before finds the row of an earlier period with the same keys. */
export function before(previous: DataSet | undefined, keys: number[]): (row: Cell[]) => Cell[] | undefined {
  if (!previous) return () => undefined;
  const at = new Map(previous.rows.map((r) => [JSON.stringify(keys.map((k) => r[k])), r]));
  return (row) => at.get(JSON.stringify(keys.map((k) => row[k])));
}
