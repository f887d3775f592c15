import { useComputedColorScheme } from "@mantine/core";
import type { Severity } from "@/api";

/** Everything a chart draws with; the same names as the CSS variables --y-…. */
export interface Palette {
  panel: string;
  text: string;
  dim: string;
  line: string;
  accent: string;
  /** Ten colours for categories, told apart also by colour-blind eyes in this order. */
  series: string[];
  other: string;
  severity: Record<Severity, string>;
  /** By event.action or outcome. */
  action: Record<string, string>;
  /** From few to many, for maps and heat maps. */
  ramp: string[];
  good: string;
  bad: string;
}

const light: Palette = {
  panel: "#ffffff",
  text: "#1c212d",
  dim: "#596277",
  line: "#e4e7ef",
  accent: "#3d49ac",
  series: [
    "#4a57c6",
    "#139c82",
    "#e08a1e",
    "#c2416b",
    "#3a9bd6",
    "#8a5cc7",
    "#8c9a2e",
    "#b0603a",
    "#5f6b85",
    "#2b7a4b",
  ],
  other: "#b4bccb",
  severity: { critical: "#a8123e", high: "#c2410c", medium: "#8f6400", low: "#1d65ad", informational: "#596277" },
  action: {
    block: "#c2410c",
    blocked: "#c2410c",
    deny: "#c2410c",
    denied: "#c2410c",
    reject: "#c2410c",
    failure: "#c2410c",
    drop: "#c2410c",
    allow: "#2f9e83",
    allowed: "#2f9e83",
    accept: "#2f9e83",
    success: "#2f9e83",
    pass: "#2f9e83",
    count: "#b98900",
    captcha: "#8a5cc7",
    challenge: "#6f7fd8",
    unknown: "#939bae",
    error: "#a8123e",
  },
  ramp: ["#eef0ff", "#cfd6fb", "#a9b4f4", "#7f8dea", "#5a68da", "#3d49ac", "#262f78"],
  good: "#0d7f6b",
  bad: "#b4232f",
};

const darkPalette: Palette = {
  panel: "#161b25",
  text: "#dfe3ec",
  dim: "#98a1b5",
  line: "#2c3444",
  accent: "#9ea9f3",
  series: [
    "#8290ee",
    "#35c9ab",
    "#f2ac4e",
    "#ee7ba0",
    "#69bdf0",
    "#b794ec",
    "#bccb5c",
    "#dd9470",
    "#98a1b5",
    "#6cc58f",
  ],
  other: "#4b556b",
  severity: { critical: "#ff7d9c", high: "#ff9d5c", medium: "#e6c04a", low: "#74b9ff", informational: "#a3adc0" },
  action: {
    block: "#ff9d5c",
    blocked: "#ff9d5c",
    deny: "#ff9d5c",
    denied: "#ff9d5c",
    reject: "#ff9d5c",
    failure: "#ff9d5c",
    drop: "#ff9d5c",
    allow: "#35b89b",
    allowed: "#35b89b",
    accept: "#35b89b",
    success: "#35b89b",
    pass: "#35b89b",
    count: "#e6c04a",
    captcha: "#b794ec",
    challenge: "#97a3f5",
    unknown: "#717b91",
    error: "#ff7d9c",
  },
  ramp: ["#1d2436", "#26315a", "#34438a", "#4a5cc0", "#6d7be6", "#9ea9f3", "#dfe3fd"],
  good: "#35c9ab",
  bad: "#ff8a8f",
};

/** usePalette gives the colours of the scheme in use. */
export function usePalette(): Palette {
  return useComputedColorScheme("light") === "dark" ? darkPalette : light;
}

/** colorOf gives one value its colour, the same wherever it stands: severities and actions fixed, others by their place. */
export function colorOf(p: Palette, value: string | null, place: number, by?: "severity" | "action"): string {
  if (value === null) return p.other;
  const key = value.toLowerCase();
  const set: Record<string, string> = by === "severity" ? p.severity : p.action;
  return set[key] ?? p.series[place % p.series.length]!;
}
