import type { FieldInfo } from "@/api";

export interface FieldGroup {
  /** "selected", "common", an ECS group such as "source", or a log type's own prefix such as "aws.waf". */
  id: string;
  /** common and selected have a translated heading, the others are named by their prefix. */
  own: boolean;
  fields: FieldInfo[];
}

/** What people look at first, if it occurs. */
const common = [
  "event.module",
  "event.action",
  "event.outcome",
  "event.severity",
  "source.ip",
  "source.geo.country_iso_code",
  "source.as.organization.name",
  "destination.ip",
  "user.name",
  "user_agent.name",
  "http.request.method",
  "http.response.status_code",
  "url.domain",
  "url.path",
  "rule.name",
  "cloud.account.id",
  "cloud.region",
];

/** groupOf is the heading of a field: its first part for ECS, two parts for a log type's own (aws.waf.labels → aws.waf). */
export function groupOf(f: { name: string; ecs: boolean }): string {
  const parts = f.name.split(".");
  if (parts.length === 1) return "base";
  if (f.ecs || parts.length === 2) return parts[0]!;
  return `${parts[0]}.${parts[1]}`;
}

/** matches tells whether a field is what was typed: in its name, or in its title in either language. Words may come in any order. */
export function matches(f: FieldInfo, typed: string): boolean {
  const text = `${f.name} ${f.title_en ?? ""} ${f.title_ja ?? ""}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((w) => text.includes(w));
}

/** groupFields sorts the fields of a search under their headings: chosen columns, common ones, ECS groups by name, then the log types' own. */
export function groupFields(fields: FieldInfo[], columns: string[], typed = ""): FieldGroup[] {
  const wanted = typed.trim() === "" ? fields : fields.filter((f) => matches(f, typed));
  const byName = new Map(wanted.map((f) => [f.name, f]));
  const take = (names: string[]) => names.flatMap((n) => byName.get(n) ?? []);
  const selected = take(columns);
  const first = take(common).filter((f) => !columns.includes(f.name));
  const rest = new Map<string, { ecs: boolean; fields: FieldInfo[] }>();
  for (const f of wanted) {
    if (columns.includes(f.name) || common.includes(f.name)) continue;
    const id = groupOf(f);
    const g = rest.get(id) ?? { ecs: f.ecs, fields: [] };
    g.fields.push(f);
    rest.set(id, g);
  }
  const groups = [...rest].sort(([a, x], [b, y]) => Number(y.ecs) - Number(x.ecs) || (a < b ? -1 : 1));
  const out: FieldGroup[] = [];
  if (selected.length > 0) out.push({ id: "selected", own: true, fields: selected });
  if (first.length > 0) out.push({ id: "common", own: true, fields: first });
  for (const [id, g] of groups) {
    out.push({ id, own: false, fields: g.fields.sort((a, b) => (a.name < b.name ? -1 : 1)) });
  }
  return out;
}
