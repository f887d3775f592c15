import type { Cell } from "@/api";
import type { Palette } from "@/theme/colors";

/**
 * A value has the same colour on every panel: what has a meaning is fixed, the rest is remembered by field and value once it was given
 * a colour, and its first choice follows from its text, so that it is the same tomorrow.
 */
const given = new Map<string, number>();
const most = 4000;

function hash(text: string): number {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}

function fixed(p: Palette, value: Cell, kind?: string): string | undefined {
  const text = String(value).toLowerCase();
  if (kind === "severity") return (p.severity as Record<string, string>)[text];
  if (kind === "status") {
    const first = text[0];
    if (!/^[1-5](\d\d|xx)?$/.test(text)) return p.action[text];
    return first === "5"
      ? p.severity.critical
      : first === "4"
        ? p.action.count
        : first === "3"
          ? p.series[4]
          : p.action.allow;
  }
  const own = p.action[text];
  if (kind === "action" || kind === "outcome") return own;
  return undefined;
}

/** kindOf says which fixed colours a field has when the panel does not say. */
export function kindOf(field: string | undefined, asked?: string): string | undefined {
  if (asked) return asked;
  if (!field) return undefined;
  if (/severity(_label|\.label)?$/.test(field)) return "severity";
  if (/status_code$/.test(field)) return "status";
  return /^(event\.(action|outcome|type)|.*verdict)$/.test(field) ? "action" : undefined;
}

const ranks = ["critical", "high", "medium", "low", "informational"];

/** inRank puts severities in their order; other values stay as they are, largest first. */
export function inRank<T extends { value: Cell }>(list: T[], kind?: string): T[] {
  if (kind !== "severity") return list;
  const rank = (x: T) => {
    const at = ranks.indexOf(String(x.value).toLowerCase());
    return at < 0 ? ranks.length : at;
  };
  return list.toSorted((a, b) => rank(a) - rank(b));
}

/** colorsFor gives each of a panel's values a colour of its own; equal values of a field have equal colours on all panels where that is possible. */
export function colorsFor(p: Palette, field: string, values: (Cell | undefined)[], kind?: string): string[] {
  const used = new Set<string>();
  const out: (string | undefined)[] = values.map((v) => {
    if (v === null || v === undefined) return p.other;
    const c = fixed(p, v, kind);
    if (c) used.add(c);
    return c;
  });
  const n = p.series.length;
  values.forEach((v, i) => {
    if (out[i]) return;
    const key = `${field}\n${String(v)}`;
    let at = given.get(key) ?? hash(String(v)) % n;
    for (let k = 0; k < n && used.has(p.series[at]!); k++) at = (at + 1) % n;
    if (!given.has(key) && given.size < most) given.set(key, at);
    out[i] = p.series[at]!;
    used.add(out[i]!);
  });
  return out as string[];
}

/** ofPlace are the colours of columns that stand for questions: by name where it has a meaning, else by place. */
export function ofPlace(p: Palette, names: string[], kind?: string): string[] {
  let next = 0;
  return names.map(
    (name) => fixed(p, name.replace(/s$/, ""), kind) ?? fixed(p, name, kind) ?? p.series[next++ % p.series.length]!,
  );
}

/** steps cuts numbers into at most `n` classes for maps and heat maps: by powers when `log`, else evenly. Gives the lower bounds. */
export function steps(max: number, n: number, log = true): number[] {
  if (max <= 0) return [];
  if (max <= n) return Array.from({ length: Math.ceil(max) }, (_, i) => i + 1);
  if (!log) return Array.from({ length: n }, (_, i) => Math.max(1, Math.round((max * i) / n)));
  const bounds = Array.from({ length: n }, (_, i) => round(max ** (i / n)));
  return [...new Set(bounds)];
}

function round(x: number): number {
  if (x < 10) return Math.max(1, Math.round(x));
  const size = 10 ** Math.floor(Math.log10(x));
  const lead = x / size;
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * size;
}

/** stepOf is the class of a number; -1 for none. */
export function stepOf(bounds: number[], n: number): number {
  let at = -1;
  for (let i = 0; i < bounds.length; i++) if (n >= bounds[i]!) at = i;
  return n > 0 ? Math.max(0, at) : -1;
}
