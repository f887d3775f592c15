import { language } from "@/i18n";
import { entityOf, entityUrl, exploreUrl } from "@/state";
import { visible } from "@/ui/format";
import type { Alert } from "./endpoints";

/** titleOf is the title of an alert in the language of the page. */
export function titleOf(a: Pick<Alert, "title" | "rule">): string {
  return visible((language() === "ja" && a.rule.title_ja) || a.title || a.rule.title_en, 300);
}

/** groupText is what an alert is about, on one line. */
export function groupText(a: Pick<Alert, "group">): string {
  return a.group.map((g) => g.value).join(" · ");
}

/** entityLink leads to the page of a value, or to its events when it has none. */
export function entityLink(field: string, value: string, range: { from?: string; to?: string }): string {
  const kind = entityOf(field);
  if (kind) return entityUrl(kind, value, range);
  return exploreUrl({ filters: [{ field, value, negate: false }], ...range });
}

/** tagUrl leads to the page of an ATT&CK tactic, technique, group or software, or to a CVE; undefined for other tags. */
export function tagUrl(tag: string): string | undefined {
  const t = tag.toLowerCase();
  const technique = /^attack\.t(\d{4})(?:\.(\d{3}))?$/.exec(t);
  if (technique)
    return `https://attack.mitre.org/techniques/T${technique[1]}/${technique[2] ? `${technique[2]}/` : ""}`;
  const other = /^attack\.([gs])(\d{4})$/.exec(t);
  if (other)
    return `https://attack.mitre.org/${other[1] === "g" ? "groups" : "software"}/${other[1]!.toUpperCase()}${other[2]}/`;
  const tactic = tactics[t.replace(/^attack\./, "").replaceAll("_", "-")];
  if (t.startsWith("attack.") && tactic) return `https://attack.mitre.org/tactics/${tactic}/`;
  const cve = /^cve\.(\d{4})[-.](\d{4,7})$/.exec(t);
  return cve ? `https://nvd.nist.gov/vuln/detail/CVE-${cve[1]}-${cve[2]}` : undefined;
}

/** tagText is a tag as people write it: T1098.001, Initial access, CVE-2021-44228. */
export function tagText(tag: string): string {
  const t = visible(tag, 100);
  if (/^attack\.[tgs]\d/i.test(t)) return t.slice(7).toUpperCase();
  if (/^cve\./i.test(t)) return `CVE-${t.slice(4)}`;
  if (!/^attack\./i.test(t)) return t;
  const name = t.slice(7).replace(/[-_]/g, " ");
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const tactics: Record<string, string> = {
  reconnaissance: "TA0043",
  "resource-development": "TA0042",
  "initial-access": "TA0001",
  execution: "TA0002",
  persistence: "TA0003",
  "privilege-escalation": "TA0004",
  "defense-evasion": "TA0005",
  "credential-access": "TA0006",
  discovery: "TA0007",
  "lateral-movement": "TA0008",
  collection: "TA0009",
  "command-and-control": "TA0011",
  exfiltration: "TA0010",
  impact: "TA0040",
};

/** webLink lets only addresses of the web be links. */
export function webLink(text: string): string | undefined {
  return /^https?:\/\/[^\s]+$/i.test(text) ? text : undefined;
}
