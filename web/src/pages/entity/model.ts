import type { EntityKind, Severity, Value } from "@/api";
import { href } from "@/state";
import type { Fact, FindingCard } from "./endpoints";

export const kinds: EntityKind[] = ["ip", "user", "host", "account", "path", "rule"];

export function kindOf(text: string | undefined): EntityKind | undefined {
  return kinds.find((k) => k === text);
}

/** guessKind says what a typed value probably is: what people paste into a lookup. */
export function guessKind(value: string): EntityKind {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(value) || /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(value)) return "ip";
  if (/^\d{12}$/.test(value)) return "account";
  if (value.startsWith("/")) return "path";
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(value)) return "host";
  return "user";
}

/** What facts are called in short; the others are called by what the dictionary says. */
const shortNames: [RegExp, string][] = [
  [/\.geo\.country_iso_code$/, "country"],
  [/\.geo\.city_name$/, "city"],
  [/\.as\.organization\.name$/, "operator"],
  [/\.as\.number$/, "asn"],
  [/^yagura\.\w+\.network$/, "network"],
  [/^yagura\.bot\.name$/, "bot"],
  [/^yagura\.lists$/, "lists"],
  [/^host\.name$/, "host"],
  [/^cloud\.account\.name$/, "account"],
  [/^cloud\.account\.id$/, "accountId"],
  [/^cloud\.provider$/, "provider"],
  [/^cloud\.region$/, "region"],
  [/^user\.name$/, "user"],
  [/^user\.id$/, "userId"],
  [/^user\.domain$/, "userDomain"],
  [/^user\.roles$/, "roles"],
  [/^user\.email$/, "email"],
  [/^user_agent\.name$/, "agent"],
  [/^(source|destination|host)\.ip$/, "address"],
  [/^host\.os\.name$/, "os"],
  [/^cloud\.instance\.id$/, "instance"],
  [/^url\.domain$/, "domain"],
  [/^http\.request\.method$/, "method"],
  [/^http\.response\.status_code$/, "status"],
  [/^event\.action$/, "action"],
  [/^rule\.category$/, "category"],
  [/^rule\.ruleset$/, "ruleset"],
  [/^rule\.name$/, "ruleName"],
  [/^rule\.id$/, "ruleId"],
  [/^rule\.author$/, "author"],
];

export interface FactRow {
  /** Name of a short title, or "" when the dictionary's titles are used. */
  short: string;
  title_en: string;
  title_ja: string;
  values: { field: string; value: Value; count: number }[];
}

/**
 * factRows makes rows of a header out of the API's facts: the sides of an address (source, client, destination) say the same thing once,
 * the country stands once, and values are ordered by how many events say them.
 */
export function factRows(facts: Fact[]): FactRow[] {
  const rows = new Map<string, FactRow>();
  const codes = facts.some((f) => f.field.endsWith(".geo.country_iso_code"));
  for (const f of facts) {
    if (codes && f.field.endsWith(".geo.country_name")) continue;
    const short = shortNames.find(([re]) => re.test(f.field))?.[1] ?? "";
    const key = short || f.field;
    const row = rows.get(key) ?? { short, title_en: f.label_en, title_ja: f.label_ja, values: [] };
    rows.set(key, row);
    const same = row.values.find((v) => String(v.value) === String(f.value));
    if (!same) row.values.push({ field: f.field, value: f.value as Value, count: f.count });
    else if (f.count > same.count) Object.assign(same, { field: f.field, count: f.count });
  }
  for (const row of rows.values()) row.values.sort((a, b) => b.count - a.count);
  return [...rows.values()];
}

export interface FindingGroup {
  key: string;
  alert?: string;
  rule: string;
  title_en: string;
  title_ja: string;
  severity: Severity;
  count: number;
  first: string;
  last: string;
  /** Of the newest finding. */
  event?: string;
}

const ranks: Record<string, number> = { critical: 0, high: 1, medium: 2, low: 3, informational: 4 };

/** findingGroups puts findings of one alert (or, without one, of one rule) together: the worst first, then the newest. */
export function findingGroups(findings: FindingCard[]): FindingGroup[] {
  const groups = new Map<string, FindingGroup>();
  for (const f of findings) {
    const key = f.alert_id || f.rule;
    const g = groups.get(key);
    if (!g) {
      groups.set(key, {
        key,
        alert: f.alert_id,
        rule: f.rule,
        title_en: f.title_en,
        title_ja: f.title_ja || f.title_en,
        severity: (f.severity in ranks ? f.severity : "informational") as Severity,
        count: 1,
        first: f.time,
        last: f.time,
        event: f.event_id,
      });
      continue;
    }
    g.count++;
    if (Date.parse(f.time) < Date.parse(g.first)) g.first = f.time;
    if (Date.parse(f.time) > Date.parse(g.last)) {
      g.last = f.time;
      g.event = f.event_id;
    }
  }
  return [...groups.values()].sort(
    (a, b) => ranks[a.severity]! - ranks[b.severity]! || Date.parse(b.last) - Date.parse(a.last),
  );
}

/** By which field a dashboard is narrowed to an entity. */
const filterOf: Record<EntityKind, string> = {
  ip: "source.ip",
  user: "user.name",
  host: "url.domain",
  account: "cloud.account.id",
  path: "url.path",
  rule: "rule.name",
};

const boards: { id: string; name: string; types: RegExp }[] = [
  { id: "aws-waf", name: "AWS WAF", types: /^aws\.waf$/ },
  { id: "aws-elb", name: "Elastic Load Balancing", types: /^aws\.(alb|clb|nlb)$/ },
  { id: "aws-cloudtrail", name: "AWS CloudTrail", types: /^aws\.cloudtrail$/ },
  { id: "aws-guardduty", name: "Amazon GuardDuty", types: /^aws\.guardduty$/ },
];

/** boardLinks are the dashboards that have something about an entity, narrowed to it. */
export function boardLinks(
  kind: EntityKind,
  value: string,
  types: string[],
  range: { from: string; to: string; tz: string },
): { id: string; name: string; to: string }[] {
  const f = `${filterOf[kind]}:${value}`;
  return boards
    .filter((b) => types.some((x) => b.types.test(x)))
    .map((b) => ({
      id: b.id,
      name: b.name,
      to: href(`/dashboards/${b.id}`, { from: range.from, to: range.to, tz: range.tz, f: [f] }),
    }));
}
