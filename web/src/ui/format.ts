import { language } from "@/i18n";
import { visible } from "./visible";

/** Formatting for people, in the language of the page. Formatters are cached: making one costs more than a hundred uses. */
const cache = new Map<string, unknown>();

function cached<T>(name: string, make: (locale: string) => T): T {
  const key = `${language()} ${name}`;
  let f = cache.get(key) as T | undefined;
  if (!f) {
    f = make(language() === "ja" ? "ja-JP" : "en-US");
    cache.set(key, f);
  }
  return f;
}

/** 1,234,567 */
export function num(n: number): string {
  return cached("num", (l) => new Intl.NumberFormat(l, { maximumFractionDigits: 2 })).format(n);
}

/** 1.2M, 123万: for counters and axes; put num() in the title. */
export function compact(n: number): string {
  return cached("compact", (l) => new Intl.NumberFormat(l, { notation: "compact", maximumFractionDigits: 1 })).format(
    n,
  );
}

/** 0.123 → 12.3% */
export function percent(share: number): string {
  return cached("percent", (l) => new Intl.NumberFormat(l, { style: "percent", maximumFractionDigits: 1 })).format(
    share,
  );
}

/** 1536 → 1.5 KiB */
export function bytes(n: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let i = 0;
  let x = n;
  while (Math.abs(x) >= 1024 && i < units.length - 1) {
    x /= 1024;
    i++;
  }
  return `${cached("bytes", (l) => new Intl.NumberFormat(l, { maximumFractionDigits: 1 })).format(x)} ${units[i]}`;
}

/** Milliseconds → 12 ms, 3.4 s, 5 min, 2 h, 3 d in the language of the page. */
export function duration(ms: number): string {
  const steps: [number, string][] = [
    [86_400_000, "day"],
    [3_600_000, "hour"],
    [60_000, "minute"],
    [1000, "second"],
    [1, "millisecond"],
  ];
  const [size, unit] = steps.find(([s]) => Math.abs(ms) >= s) ?? [1, "millisecond"];
  const digits = unit === "millisecond" ? 0 : 1;
  return cached(
    `duration ${unit}`,
    (l) => new Intl.NumberFormat(l, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }),
  ).format(ms / size);
}

type Moment = string | number | Date;
export type DateStyle = "minute" | "second" | "milli" | "date" | "clock" | "day";

const styles: Record<DateStyle, Intl.DateTimeFormatOptions> = {
  minute: { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
  second: { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  milli: {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  },
  date: { year: "numeric", month: "2-digit", day: "2-digit" },
  clock: { hour: "2-digit", minute: "2-digit" },
  day: { month: "short", day: "numeric", weekday: "short" },
};

/** `2026/11/20 17:00` in Japanese, `2026-11-20 17:00` in English; always with the zone of the page (useZone). */
export function date(at: Moment, zone: string, style: DateStyle = "minute"): string {
  const ms = at instanceof Date ? at.getTime() : typeof at === "number" ? at : Date.parse(at);
  if (!Number.isFinite(ms)) return "";
  const ja = language() === "ja";
  const f = cached(
    `date ${zone} ${style}`,
    (l) => new Intl.DateTimeFormat(ja ? l : "sv-SE", { ...styles[style], timeZone: zone, hourCycle: "h23" }),
  );
  if (style === "day") {
    return cached(`day ${zone}`, (l) => new Intl.DateTimeFormat(l, { ...styles.day, timeZone: zone })).format(ms);
  }
  return f.format(ms).replace(",", ".");
}

/** "5 minutes ago", "5 分前". */
export function relative(at: Moment, now: number = Date.now()): string {
  const ms = (at instanceof Date ? at.getTime() : typeof at === "number" ? at : Date.parse(at)) - now;
  if (!Number.isFinite(ms)) return "";
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [86_400_000, "day"],
    [3_600_000, "hour"],
    [60_000, "minute"],
    [1000, "second"],
  ];
  const [size, unit] = steps.find(([s]) => Math.abs(ms) >= s) ?? [1000, "second"];
  return cached("relative", (l) => new Intl.RelativeTimeFormat(l, { numeric: "auto" })).format(
    Math.round(ms / size),
    unit,
  );
}

/** The name of a country by its ISO code; the code itself when there is none. */
export function country(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  try {
    return cached("country", (l) => new Intl.DisplayNames(l, { type: "region" })).of(code) ?? code;
  } catch {
    return code;
  }
}

/** What a value looks like in a cell: texts as they are, numbers grouped, lists by commas, absent as a dash. Control and bidi characters are made visible. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : num(value);
  if (Array.isArray(value)) return value.map(cell).join(", ");
  return visible(String(value));
}

export { visible };
