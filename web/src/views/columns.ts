import type { YEvent } from "@/api";

/** Names of columns that are no fields. */
export const timeColumn = "@time";
export const textColumn = "@text";
export const typeColumn = "@type";

/** What the event table shows when nobody chose: when, what kind, and the readable sentence. */
export const defaultColumns = [timeColumn, typeColumn, textColumn];

export const leastWidth = 60;
export const mostWidth = 1200;

/** widthOf is the width in px of a column nobody has resized. */
export function widthOf(column: string, widths: Record<string, number> = {}): number {
  const own = widths[column];
  if (own !== undefined) return Math.min(mostWidth, Math.max(leastWidth, own));
  if (column === timeColumn) return 186;
  if (column === typeColumn) return 128;
  if (column === textColumn) return 420;
  if (/(^|\.)(ip|address)$/.test(column)) return 150;
  if (/(code|status|port|bytes|country_iso_code|method)$/.test(column)) return 110;
  if (/(path|original|agent|full|query|arn|message)/.test(column)) return 280;
  return 170;
}

/** The address carries chosen columns; time stands first unless it was put elsewhere. Unreadable names are dropped. */
export function readColumns(cols: string[]): string[] {
  const names = cols.map((c) => c.trim()).filter((c) => c !== "" && c.length <= 512);
  const unique = [...new Set(names)].slice(0, 50);
  if (unique.length === 0) return defaultColumns;
  return unique.includes(timeColumn) ? unique : [timeColumn, ...unique];
}

/** writeColumns is what the address carries: nothing for the default, and no leading time. */
export function writeColumns(columns: string[]): string[] {
  if (columns.length === defaultColumns.length && columns.every((c, i) => c === defaultColumns[i])) return [];
  const rest = columns[0] === timeColumn ? columns.slice(1) : columns;
  return rest.length > 0 ? rest : columns;
}

/** toggleColumn adds a field as the last column, or takes it away. The sentence gives way to the first chosen field but can be added again. */
export function toggleColumn(columns: string[], name: string): string[] {
  if (columns.includes(name)) {
    const rest = columns.filter((c) => c !== name);
    return rest.length === 0 || (rest.length === 1 && rest[0] === timeColumn) ? defaultColumns : rest;
  }
  const at = columns.indexOf(textColumn);
  if (at === columns.length - 1 && at >= 0 && name !== textColumn) return [...columns.slice(0, at), name, textColumn];
  return [...columns, name];
}

/** moveColumn puts a column before another one (undefined = at the end). */
export function moveColumn(columns: string[], name: string, before?: string): string[] {
  if (name === before || !columns.includes(name)) return columns;
  const rest = columns.filter((c) => c !== name);
  const at = before === undefined ? rest.length : rest.indexOf(before);
  return at < 0 ? columns : [...rest.slice(0, at), name, ...rest.slice(at)];
}

/** typeSet names the set of log types of some events: what chosen columns and widths are remembered by. */
export function typeSet(events: YEvent[]): string {
  const types = new Set<string>();
  for (const e of events.slice(0, 200)) types.add(e.type);
  return [...types].sort().join("+");
}

const kept = "yagura.columns";

interface Kept {
  widths: Record<string, number>;
  sets: Record<string, string[]>;
}

/** readKept reads what this browser remembers of columns; anything broken is forgotten. */
export function readKept(): Kept {
  try {
    const v = JSON.parse(localStorage.getItem(kept) ?? "{}") as Partial<Kept>;
    return { widths: v.widths ?? {}, sets: v.sets ?? {} };
  } catch {
    return { widths: {}, sets: {} };
  }
}

/** keepWidth and keepSet remember in this browser. */
export function keepWidth(column: string, width: number): void {
  const k = readKept();
  k.widths[column] = Math.round(width);
  write(k);
}

export function keepSet(types: string, columns: string[]): void {
  if (types === "") return;
  const k = readKept();
  const own = writeColumns(columns);
  if (own.length === 0) delete k.sets[types];
  else k.sets[types] = own;
  const names = Object.keys(k.sets);
  if (names.length > 60) delete k.sets[names[0]!];
  write(k);
}

function write(k: Kept): void {
  try {
    localStorage.setItem(kept, JSON.stringify(k));
  } catch {
    // A full or forbidden storage costs the memory of widths, nothing else.
  }
}
