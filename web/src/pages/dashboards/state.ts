import { list, oneOf, text } from "@/state/useUrlState";

export const compares = ["", "previous", "day", "week"] as const;
export type Compare = (typeof compares)[number];

/** What a dashboard keeps in the address, besides range, zone and filters: chosen variables, comparison, the panel that fills the screen. */
export const boardSpec = { v: list(), cmp: oneOf(compares, ""), panel: text(""), from: text("") };

/** readVariables: `home:JP`, repeated; `home:` is "nothing chosen". A variable that is not named has its default. */
export function readVariables(v: string[]): Record<string, string[]> {
  const out: Record<string, string[]> = {};
  for (const part of v) {
    const cut = part.indexOf(":");
    const name = part.slice(0, cut);
    if (cut < 1 || !/^[a-z][a-z0-9_-]*$/.test(name)) continue;
    out[name] ??= [];
    if (cut < part.length - 1) out[name].push(part.slice(cut + 1));
  }
  return out;
}

const same = (a: string[], b: string[]) => a.length === b.length && a.every((x) => b.includes(x));

/** writeVariable gives the address after a choice; a choice equal to the default is not written. */
export function writeVariable(v: string[], name: string, values: string[], fallback: string[] = []): string[] {
  const rest = v.filter((part) => !part.startsWith(`${name}:`));
  if (same(values, fallback)) return rest;
  return values.length === 0 ? [...rest, `${name}:`] : [...rest, ...values.map((x) => `${name}:${x}`)];
}
