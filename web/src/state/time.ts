/** Times as the query language reads them, in any zone, by Intl alone. Instants are milliseconds since 1970. */

export interface Civil {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function civilFormat(zone: string): Intl.DateTimeFormat {
  let f = formats.get(zone);
  if (!f) {
    f = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(zone, f);
  }
  return f;
}

/** civil gives the clock's reading of an instant in a zone. */
export function civil(ms: number, zone: string): Civil {
  const out: Record<string, number> = {};
  for (const p of civilFormat(zone).formatToParts(ms)) if (p.type !== "literal") out[p.type] = Number(p.value);
  return out as unknown as Civil;
}

const asUtc = (c: Civil) => Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute, c.second);

/** instant gives the time at which the clocks of the zone read so; parts may overflow (month 13). In a gap, the time after it. */
export function instant(c: Civil, zone: string): number {
  const wanted = asUtc(c);
  const offset = (ms: number) => asUtc(civil(ms, zone)) - Math.floor(ms / 1000) * 1000;
  const first = wanted - offset(wanted);
  const second = wanted - offset(first);
  return second === first ? first : Math.max(first, second) === second ? second : wanted - offset(second);
}

export type Unit = "s" | "m" | "h" | "d" | "w" | "M" | "y";
const fixed: Partial<Record<Unit, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

export function addUnits(ms: number, n: number, unit: Unit, zone: string): number {
  const step = fixed[unit];
  if (step) return ms + n * step;
  const c = civil(ms, zone);
  if (unit === "d" || unit === "w") return instant({ ...c, day: c.day + n * (unit === "w" ? 7 : 1) }, zone);
  const months = c.year * 12 + c.month - 1 + n * (unit === "y" ? 12 : 1);
  const [year, month] = [Math.floor(months / 12), (months % 12) + 1];
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return instant({ ...c, year, month, day: Math.min(c.day, last) }, zone);
}

/** startOf goes back to the start of the unit; weeks start on Monday. */
export function startOf(ms: number, unit: Unit, zone: string): number {
  const c = { ...civil(ms, zone), second: unit === "s" ? civil(ms, zone).second : 0 };
  if (unit === "s") return Math.floor(ms / 1000) * 1000;
  if (unit === "m") return instant(c, zone);
  c.minute = 0;
  if (unit === "h") return instant(c, zone);
  c.hour = 0;
  if (unit === "d") return instant(c, zone);
  if (unit === "w") {
    const weekday = (new Date(Date.UTC(c.year, c.month - 1, c.day)).getUTCDay() + 6) % 7;
    return instant({ ...c, day: c.day - weekday }, zone);
  }
  c.day = 1;
  if (unit === "M") return instant(c, zone);
  return instant({ ...c, month: 1 }, zone);
}

/**
 * readTime reads one end of a range: now, now-24h, now-1d/d, -3h, 3h, 2026-11, 2026-11-01 09:00[:05], with Z or +09:00, today, yesterday.
 * `end` rounds up: the end of a day is the start of the next. Undefined when it is no time.
 */
export function readTime(input: string, now: number, zone: string, end = false): number | undefined {
  let s = input.trim();
  if (s === "today") s = "now/d";
  if (s === "yesterday") s = "now-1d/d";
  const span = /^-?(\d{1,6})([smhdwMy])$/.exec(s);
  if (span) return addUnits(now, -Number(span[1]), span[2] as Unit, zone);
  if (s.startsWith("now")) {
    const m = /^now((?:[+-]\d{1,6}[smhdwMy])*)(?:\/([smhdwMy]))?$/.exec(s);
    if (!m) return undefined;
    let at = now;
    for (const [, n, unit] of m[1]!.matchAll(/([+-]\d+)(\w)/g)) at = addUnits(at, Number(n), unit as Unit, zone);
    if (!m[2]) return at;
    at = startOf(at, m[2] as Unit, zone);
    return end ? addUnits(at, 1, m[2] as Unit, zone) : at;
  }
  const d =
    /^(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?)?)?$/.exec(
      s,
    );
  if (!d) return undefined;
  const n = (i: number, fallback: number) => (d[i] === undefined ? fallback : Number(d[i]));
  const c = { year: n(1, 0), month: n(2, 1), day: n(3, 1), hour: n(4, 0), minute: n(5, 0), second: n(6, 0) };
  const check = new Date(asUtc(c));
  if (c.month > 12 || c.hour > 23 || c.minute > 59 || c.second > 59 || check.getUTCDate() !== c.day) return undefined;
  const ms = d[7] ? Number(d[7].padEnd(3, "0").slice(0, 3)) : 0;
  // An end is the end of what is written: of the minute, of the second, as the server reads it.
  const rest = !end || d[4] === undefined ? 0 : d[6] === undefined ? 60_000 : d[7] === undefined ? 1000 : 1;
  if (d[8]) {
    const z = d[8] === "Z" ? 0 : (d[8][0] === "-" ? -1 : 1) * (Number(d[8].slice(1, 3)) * 60 + Number(d[8].slice(-2)));
    return asUtc(c) - z * 60_000 + ms + rest;
  }
  if (end && d[4] === undefined) {
    const unit: Unit = d[3] !== undefined ? "d" : d[2] !== undefined ? "M" : "y";
    return addUnits(instant(c, zone), 1, unit, zone);
  }
  return instant(c, zone) + ms + rest;
}

/** writeTime gives an absolute time as the address carries it: `2026-11-01 09:00` in the zone, seconds only when there are some. */
export function writeTime(ms: number, zone: string): string {
  const c = civil(ms, zone);
  const two = (n: number) => String(n).padStart(2, "0");
  const fraction = ((ms % 1000) + 1000) % 1000;
  const sec = c.second || fraction ? `:${two(c.second)}${fraction ? `.${String(fraction).padStart(3, "0")}` : ""}` : "";
  return `${String(c.year).padStart(4, "0")}-${two(c.month)}-${two(c.day)} ${two(c.hour)}:${two(c.minute)}${sec}`;
}

/** writeEnd writes an end, which is not part of the stretch, as its last whole minute, second or millisecond: read as an end, `10:29` is 10:30. */
export function writeEnd(ms: number, zone: string): string {
  const unit = ms % 60_000 === 0 ? 60_000 : ms % 1000 === 0 ? 1000 : 1;
  const text = writeTime(ms - unit, zone);
  return unit === 1000 && text.length === 16
    ? `${text}:00`
    : unit === 1 && !text.includes(".")
      ? `${text.length === 16 ? `${text}:00` : text}.000`
      : text;
}

export function isZone(zone: string): boolean {
  try {
    civilFormat(zone);
    return true;
  } catch {
    return false;
  }
}

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
