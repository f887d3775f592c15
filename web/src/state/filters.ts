import { useCallback, useMemo } from "react";
import type { ApiFilter, Value } from "@/api";
import { list, useUrlState } from "./useUrlState";

/** One condition made by clicking. Without value: the field exists (negate: does not). */
export interface Filter {
  field: string;
  value?: string;
  negate: boolean;
}

export type FilterMode = "for" | "out" | "only";

/** `field:value`, `-field:value`, `field` (exists), `-field`. A colon or leading minus of a field name is escaped by \. */
export function formatFilter(f: Filter): string {
  const field = f.field.replace(/[\\:]/g, (c) => `\\${c}`).replace(/^-/, "\\-");
  return (f.negate ? "-" : "") + field + (f.value === undefined ? "" : `:${f.value}`);
}

export function parseFilter(text: string): Filter | undefined {
  const negate = text.startsWith("-");
  let field = "";
  let i = negate ? 1 : 0;
  for (; i < text.length && text[i] !== ":"; i++) {
    if (text[i] === "\\" && i + 1 < text.length) i++;
    field += text[i];
  }
  if (field === "") return undefined;
  return { field, negate, value: i < text.length ? text.slice(i + 1) : undefined };
}

export function parseFilters(texts: string[]): Filter[] {
  return texts.flatMap((t) => parseFilter(t) ?? []);
}

const equal = (a: Filter, b: Filter) => a.field === b.field && a.value === b.value;

/**
 * withFilter adds a condition: "for" and "out" replace the same one, "only" replaces all others of the field.
 * A null value means "absent": for = does not exist, out = exists.
 */
export function withFilter(filters: Filter[], field: string, value: Value | undefined, mode: FilterMode): Filter[] {
  if (Array.isArray(value)) return value.reduce((all, v) => withFilter(all, field, v, mode), filters);
  const made: Filter =
    value === null || value === undefined
      ? { field, negate: mode !== "out" }
      : { field, value: String(value), negate: mode === "out" };
  const rest = filters.filter((f) => (mode === "only" ? f.field !== field : !equal(f, made)));
  return [...rest, made];
}

export function toApi(filters: Filter[]): ApiFilter[] {
  return filters.map(({ field, value, negate }) =>
    value === undefined
      ? { field, op: negate ? "not_exists" : "exists" }
      : { field, value, op: negate ? "is_not" : "is" },
  );
}

/** fromApi reads what the server kept; a list of values becomes one condition each (they narrow one after the other when negated). */
export function fromApi(filters: ApiFilter[]): Filter[] {
  return filters.flatMap(({ field, value, values, op = "is" }) => {
    const negate = op === "is_not" || op === "not_exists";
    const list = op === "exists" || op === "not_exists" ? [undefined] : (values ?? [value]);
    return list.map((v) => ({ field, value: v === null || v === undefined ? undefined : String(v), negate }));
  });
}

const spec = { f: list() };

export interface Filters {
  filters: Filter[];
  /** The same, as requests carry them. Stable while the filters are. */
  api: ApiFilter[];
  addFilter: (field: string, value: Value | undefined, mode: FilterMode) => void;
  setFilters: (filters: Filter[]) => void;
  remove: (index: number) => void;
  /** Turns "is" into "is not" and back. */
  flip: (index: number) => void;
  clear: () => void;
}

/** useFilters is the filter list of the address (`f`). Each change is a step of the back button. */
export function useFilters(): Filters {
  const [{ f }, set] = useUrlState(spec);
  const filters = useMemo(() => parseFilters(f), [f]);
  const api = useMemo(() => toApi(filters), [filters]);
  const setFilters = useCallback((next: Filter[]) => set({ f: next.map(formatFilter) }), [set]);
  return {
    filters,
    api,
    setFilters,
    addFilter: (field, value, mode) => setFilters(withFilter(filters, field, value, mode)),
    remove: (index) => setFilters(filters.filter((_, i) => i !== index)),
    flip: (index) => setFilters(filters.map((x, i) => (i === index ? { ...x, negate: !x.negate } : x))),
    clear: () => setFilters([]),
  };
}
