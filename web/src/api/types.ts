/**
 * The shapes of /api/v1. JSON is snake_case like ECS; times are RFC 3339 texts. Most are those of the server's own description (schema.d.ts, made by
 * scripts/web types); the others are what the pages believe, and contract.ts lets the type checker compare them with it.
 */

import type { components } from "./schema";

export type Value = string | number | boolean | string[] | null;
export type Lang = "en" | "ja";
export type Severity = "critical" | "high" | "medium" | "low" | "informational";
export type AlertStatus = "new" | "acknowledged" | "closed";
export type Role = "viewer" | "analyst" | "admin";

/** Kinds of actions; the server has the table of who may do what. */
export type Permission =
  | "look"
  | "account"
  | "export"
  | "alerts.act"
  | "searches.save"
  | "dashboards.save"
  | "rules.save"
  | "intake.replay"
  | "users.manage"
  | "tokens.manage"
  | "audit.read"
  | "settings.change";

export type Me = components["schemas"]["Me"];

/** A condition made by clicking. The server builds the query from it; no text is pasted. */
export type ApiFilter = components["schemas"]["Filter"];

export interface Stats {
  parts: number;
  parts_read: number;
  rows: number;
  bytes: number;
  elapsed_ms: number;
  partial?: string;
  cached?: boolean;
}

export interface YEvent {
  id: string;
  type: string;
  time: string;
  fields: Record<string, Value>;
  native?: Record<string, string>;
  sentence?: { en: string; ja: string };
  /** Fields whose text was shortened in this answer. */
  cut?: string[];
  original?: string;
}

export interface Column {
  name: string;
  kind: string;
  exact: boolean;
  error?: number;
}

export type Cell = Value;

/** What every question about events carries. */
export interface Scope {
  q: string;
  filters?: ApiFilter[];
  from: string;
  to: string;
  zone?: string;
}

export interface QueryRequest extends Scope {
  limit?: number;
  cursor?: string;
  fields?: string[];
  order?: "newest" | "oldest";
  explain?: boolean;
  /** Agrees to a dear search (POST /estimate). */
  yes?: boolean;
}

export interface QueryAnswer {
  kind: "events" | "table";
  from: string;
  to: string;
  warnings: string[];
  events?: YEvent[];
  next?: string;
  columns?: Column[];
  rows?: Cell[][];
  more?: boolean;
  stats: Stats;
  cli: string;
  where: string;
  /** What follows the condition, with its first bar. */
  stages?: string;
}

export interface HistogramRequest extends Scope {
  buckets?: number;
  by?: string;
  compare?: "previous" | "day" | "week";
  top?: number;
  yes?: boolean;
}

export interface Histogram {
  from?: string;
  to?: string;
  /** Start of each; the first may lie before from. */
  buckets: string[];
  /** End of the last bucket. */
  end?: string;
  span?: string;
  width_ms?: number;
  series: { key: string | null; other?: boolean; counts: number[] }[];
  previous?: { from: string; to: string; counts: number[]; total?: number };
  total: number;
  stats: Stats;
}

export interface FieldInfo {
  name: string;
  kind: string;
  title_en?: string;
  title_ja?: string;
  present: number;
  fill: number;
  ecs: boolean;
  types: string[];
}

export type FieldValues = components["schemas"]["ValuesAnswer"];

export interface Completion {
  from: number;
  items: {
    label: string;
    insert: string;
    kind: "field" | "value" | "keyword" | "stage" | "function" | "column";
    detail?: string;
    count?: number;
  }[];
  partial?: boolean;
}

export interface Checked {
  ok: boolean;
  error?: { message: string; hint?: string; offset: number; length: number };
  warnings: string[];
  fields: string[];
  kind?: string;
  where?: string;
}

export interface EventField {
  field: string;
  value: Value;
  /** Of a list, instead of value. */
  values?: Value[];
  /** Absent for native fields. */
  kind?: string;
  title_en?: string;
  title_ja?: string;
  native?: boolean;
  /** Added by enrichment, not in the record. */
  enriched?: boolean;
  cut?: boolean;
}

export interface EventDetail extends YEvent {
  table: EventField[];
  /** The original, indented when it is JSON. */
  raw?: string;
  object: {
    id: string;
    source?: string;
    bucket?: string;
    key?: string;
    offset: number;
    index: number;
    loaded?: string;
  };
  log_type: { name: string; title_en: string; title_ja: string; reference?: string };
  /** Fields worth looking around with. */
  around: string[];
  /** A condition that finds this event. */
  where: string;
}

export type FieldDefinition = components["schemas"]["FieldInfo"];

export interface LogType {
  name: string;
  title_en: string;
  title_ja: string;
  events: number;
  first?: string;
  last?: string;
}

export type EntityKind = "ip" | "user" | "host" | "account" | "path" | "rule";

export type Alert = components["schemas"]["Alert"];

export type AlertDetail = components["schemas"]["AlertDetail"];

export type AlertList = components["schemas"]["AlertList"];

export type Home = components["schemas"]["Home"];
export type HomeSource = components["schemas"]["HomeSource"];
export type FreshList = components["schemas"]["FreshList"];
export type AlertCard = components["schemas"]["AlertCard"];
export type SourceState = HomeSource["state"];

export interface DefinitionProblem {
  line: number;
  column: number;
  message: string;
  hint?: string;
}

export type SavedSearch = components["schemas"]["SavedSearch"];
export type SavedSearchBody = components["schemas"]["SavedSearchBody"];

export type Job = components["schemas"]["Job"];

export type User = components["schemas"]["UserInfo"];
export type Session = components["schemas"]["SessionInfo"];
export type Token = components["schemas"]["TokenInfo"];
export type AuditRow = components["schemas"]["AuditItem"];

export interface List<T> {
  items: T[];
  next?: string;
}
