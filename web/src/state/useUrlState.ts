import { useLocation, useRouter } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { parseSearch, stringifySearch } from "./url";

/** How one name of the address is read and written. A value equal to the default is not written. */
export interface Codec<T> {
  fallback: T;
  read: (values: string[]) => T | undefined;
  write: (value: T) => string[];
}

export const text = (fallback = ""): Codec<string> => ({ fallback, read: (v) => v[0], write: (v) => [v] });
export const list = (): Codec<string[]> => ({ fallback: [], read: (v) => v, write: (v) => v });
export const flag = (fallback = false): Codec<boolean> => ({
  fallback,
  read: (v) => v[0] === "1",
  write: (v) => [v ? "1" : "0"],
});
export const int = (fallback: number, least = 0, most = 1e6): Codec<number> => ({
  fallback,
  read: (v) => (/^-?\d{1,9}$/.test(v[0] ?? "") ? Math.min(most, Math.max(least, Number(v[0]))) : undefined),
  write: (v) => [String(v)],
});
export const oneOf = <T extends string>(choices: readonly T[], fallback: T): Codec<T> => ({
  fallback,
  read: (v) => choices.find((c) => c === v[0]),
  write: (v) => [v],
});
/** Comma-separated in one value: `cols=source.ip,url.path`. */
export const commas = (fallback: string[] = []): Codec<string[]> => ({
  fallback,
  read: (v) => (v[0] ? v[0].split(",") : []),
  write: (v) => [v.join(",")],
});

// biome-ignore lint/suspicious/noExplicitAny: a spec holds codecs of different types
export type Spec = Record<string, Codec<any>>;
export type StateOf<S extends Spec> = { [K in keyof S]: S[K] extends Codec<infer T> ? T : never };
export type SetUrlState<S extends Spec> = (change: Partial<StateOf<S>>, options?: { replace?: boolean }) => void;

function same(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

export function readState<S extends Spec>(spec: S, searchText: string): StateOf<S> {
  const search = parseSearch(searchText);
  const out: Record<string, unknown> = {};
  for (const [name, codec] of Object.entries(spec)) {
    const values = search[name];
    out[name] = values ? (codec.read(values) ?? codec.fallback) : codec.fallback;
  }
  return out as StateOf<S>;
}

/** changeSearch gives the address after a change; other names stay as they are. */
export function changeSearch<S extends Spec>(spec: S, searchText: string, change: Partial<StateOf<S>>): string {
  const search = parseSearch(searchText);
  for (const [name, value] of Object.entries(change)) {
    const codec = spec[name];
    if (!codec) continue;
    const values = value === undefined ? [] : codec.write(value);
    if (value === undefined || same(values, codec.write(codec.fallback))) delete search[name];
    else search[name] = values;
  }
  return stringifySearch(search);
}

/**
 * useUrlState keeps state in the address. The spec must be a constant of the module.
 * `set` pushes a step that the back button undoes; `{ replace: true }` does not (typing, sorting).
 */
export function useUrlState<S extends Spec>(spec: S): [StateOf<S>, SetUrlState<S>] {
  const searchText = useLocation({ select: (l) => l.searchStr });
  const router = useRouter();
  const state = useMemo(() => readState(spec, searchText), [spec, searchText]);
  const set = useCallback<SetUrlState<S>>(
    (change, options) => {
      const at = router.history.location;
      const next = at.pathname + changeSearch(spec, at.search, change);
      if (next === at.pathname + at.search) return;
      if (options?.replace) router.history.replace(next);
      else router.history.push(next);
    },
    [router, spec],
  );
  return [state, set];
}
