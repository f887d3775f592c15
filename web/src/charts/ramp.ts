import type { Palette } from "@/theme/colors";

/** colorsOfSteps spreads the ramp over n classes; its first colour is that of nothing and left out. */
export function colorsOfSteps(p: Palette, n: number): string[] {
  const ramp = p.ramp.slice(1);
  if (n <= 1) return n === 1 ? [ramp[Math.floor(ramp.length / 2)]!] : [];
  return Array.from({ length: n }, (_, i) => ramp[Math.round((i * (ramp.length - 1)) / (n - 1))]!);
}
