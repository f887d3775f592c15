import type { Definition, PanelDefinition } from "@/charts/model";
import { sizeOf } from "../sizes";

/** The changes of a definition by hand. Each gives a new one; nothing is changed in place. */

export function withPanel(d: Definition, index: number, change: Partial<PanelDefinition>): Definition {
  return { ...d, panels: d.panels.map((p, i) => (i === index ? clean({ ...p, ...change }) : p)) };
}

/** clean leaves out what is empty, so that the file says only what was meant. */
export function clean<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, v]) =>
        v !== undefined &&
        v !== "" &&
        v !== false &&
        !(v && typeof v === "object" && !Array.isArray(v) && Object.keys(v).length === 0),
    ),
  ) as T;
}

export function movePanel(d: Definition, from: number, to: number): Definition {
  const at = Math.max(0, Math.min(d.panels.length - 1, to));
  if (from === at) return d;
  const panels = [...d.panels];
  const [p] = panels.splice(from, 1);
  panels.splice(at, 0, p!);
  return { ...d, panels };
}

export function resizePanel(d: Definition, index: number, w: number, h: number): Definition {
  const p = d.panels[index]!;
  const size = { ...p.size, w: Math.max(1, Math.min(12, w)), h: Math.max(1, Math.min(30, h)) };
  const now = sizeOf(p);
  if (now.w === size.w && now.h === size.h) return d;
  return withPanel(d, index, { size });
}

export function freeId(d: Definition, base: string): string {
  const taken = new Set(d.panels.map((p) => p.id));
  const stem = base.replace(/-\d+$/, "").slice(0, 40) || "panel";
  for (let n = taken.has(stem) ? 2 : 1; ; n++) {
    const id = n === 1 ? stem : `${stem}-${n}`;
    if (!taken.has(id)) return id;
  }
}

export function removePanel(d: Definition, index: number): Definition {
  return { ...d, panels: d.panels.filter((_, i) => i !== index) };
}

export function copyPanel(d: Definition, index: number): Definition {
  const p = d.panels[index]!;
  const panels = [...d.panels];
  panels.splice(index + 1, 0, structuredClone({ ...p, id: freeId(d, p.id) }));
  return { ...d, panels };
}

/** addPanel puts a first question of a view at the end. */
export function addPanel(d: Definition, view: string, title: { en: string; ja: string }): Definition {
  const queries: Record<string, string> = {
    number: "| stats count() as n",
    table: "| stats count() as n by source.ip | sort n desc | limit 10",
    donut: "| top 8 event.module",
    bar: "| stats count() as n by bucket(auto), event.module",
    line: "| stats count() as n by bucket(auto), event.module",
    area: "| stats count() as n by bucket(auto), event.module",
    heatmap: "| stats count() as n by weekday(), hour()",
    map: "| stats count() as n by source.geo.country_iso_code | limit 250",
    sankey: "| stats count() as n by source.geo.country_iso_code, event.module, event.action | sort n desc | limit 30",
    treemap: "| stats count() as n by event.module, event.action | sort n desc | limit 40",
    events: "*",
  };
  const panel: PanelDefinition = { id: freeId(d, view), title, view };
  if (queries[view]) panel.query = queries[view];
  if (view === "text") panel.text = title;
  return { ...d, panels: [...d.panels, panel] };
}

/** askedOf is what decides the answers: everything but looks. While it is the same, nothing is asked again. */
export function askedOf(d: Definition): string {
  return JSON.stringify({
    where: d.where,
    variables: d.variables,
    panels: d.panels
      .filter((p) => p.view !== "text" && p.view !== "controls")
      .map(({ title: _t, help: _h, size: _s, text: _x, ...rest }) => rest)
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  });
}

/** The options a view knows. */
export const optionsOf: Record<string, string[]> = {
  number: ["unit", "delta", "trend", "colors"],
  table: ["unit", "delta", "share", "rows"],
  donut: ["unit", "share", "colors"],
  bar: ["unit", "colors", "stacked", "percent", "horizontal", "log"],
  line: ["unit", "colors", "log"],
  area: ["unit", "colors", "stacked", "percent"],
  heatmap: ["unit", "log"],
  map: ["unit", "log"],
  sankey: ["unit", "colors"],
  treemap: ["unit", "share", "colors"],
};
