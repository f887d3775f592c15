import type { PanelDefinition } from "@/charts/model";

/** A row of the grid and the gap below it together, px. */
export const pitch = 40;
export const gap = 12;

const usual: Record<string, [number, number]> = {
  number: [2, 3],
  table: [4, 8],
  donut: [3, 7],
  bar: [6, 7],
  line: [6, 7],
  area: [6, 7],
  heatmap: [6, 7],
  map: [6, 9],
  sankey: [12, 8],
  treemap: [6, 8],
  events: [12, 14],
  text: [12, 2],
  controls: [12, 2],
};

/** sizeOf is how large a panel is: what its author said, or what is usual for its view. */
export function sizeOf(p: Pick<PanelDefinition, "view" | "size">): { w: number; h: number } {
  const [w, h] = usual[p.view] ?? [6, 7];
  return { w: p.size?.w || w, h: p.size?.h || h };
}
