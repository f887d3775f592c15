import type { EntityKind } from "@/api";
import { type Filter, formatFilter } from "./filters";
import { href } from "./url";

export interface ExploreLink {
  q?: string;
  filters?: Filter[];
  from?: string;
  to?: string;
  tz?: string;
  by?: string;
  columns?: string[];
}

/** exploreUrl is the address of a search. Every number of a page can lead to its events by it. */
export function exploreUrl({ q, filters, from, to, tz, by, columns }: ExploreLink): string {
  return href("/explore", { q, f: filters?.map(formatFilter), from, to, tz, by, cols: columns?.join(",") });
}

/** entityUrl is the page of one IP address, user, host, account, path or rule. */
export function entityUrl(kind: EntityKind, value: string, range: { from?: string; to?: string } = {}): string {
  return href(`/entity/${kind}`, { value, ...range });
}

const kinds: [RegExp, EntityKind][] = [
  [/(^|\.)ip$|^(client|source|destination|host|server)\.address$/, "ip"],
  [/^user\.(target\.|effective\.|changes\.)?(name|id|email)$|^related\.user$/, "user"],
  [/^host\.(name|hostname|id)$|^(url|destination|source|server|client)\.domain$|^related\.hosts$/, "host"],
  [/^cloud\.account\.(id|name)$/, "account"],
  [/^url\.path$/, "path"],
  [/^rule\.(id|name)$/, "rule"],
];

/** entityOf says which kind of entity the values of a field are, if any. */
export function entityOf(field: string): EntityKind | undefined {
  return kinds.find(([re]) => re.test(field))?.[1];
}
