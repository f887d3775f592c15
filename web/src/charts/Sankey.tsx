import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Cell } from "@/api";
import { type Palette, usePalette } from "@/theme/colors";
import { percent } from "@/ui/format";
import classes from "./charts.module.css";
import { colorsFor, kindOf } from "./colors";
import {
  amount,
  type BoardColumn,
  type ChartProps,
  type DataSet,
  keyPlaces,
  keyText,
  number,
  valuePlaces,
} from "./model";
import { roving, useSize } from "./Tip";

interface Node {
  layer: number;
  value: Cell;
  name: string;
  n: number;
  y: number;
  h: number;
  color: string;
}
interface Link {
  from: Node;
  to: Node;
  n: number;
  y0: number;
  y1: number;
  w: number;
  color: string;
}

const gap = 8;
const bar = 10;

/** Sankey shows how much goes from value to value: two or three keys as columns, bands between them. */
export function Sankey({ data, options, zone, drill, label }: ChartProps) {
  const { t } = useTranslation("charts");
  const p = usePalette();
  const [ref, size] = useSize<HTMLDivElement>();
  const width = Math.max(200, size.width);
  const height = Math.max(100, size.height - 4);
  const keys = keyPlaces(data);
  const made = useMemo(() => layOut(data, height, zone, p, options.colors), [data, height, zone, p, options.colors]);
  const unit = amount(options.unit);
  const layers = keys.length;
  const edge = Math.min(150, width * 0.16);
  const x = (layer: number) => edge + (layer / Math.max(1, layers - 1)) * (width - 2 * edge - bar);
  const fields = keys.map((k) => data.columns[k]!.field ?? "");
  const filter = (n: Node) => ({ field: fields[n.layer]!, value: n.value });
  return (
    <div ref={ref} className={classes.fill}>
      {size.width > 0 && (
        <svg
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="group"
          aria-label={label}
          onKeyDown={roving}
          className={classes.sankey}
        >
          {made.links.map((l, i) => {
            const x0 = x(l.from.layer) + bar;
            const x1 = x(l.to.layer);
            const mid = (x0 + x1) / 2;
            return (
              <path
                key={i}
                d={`M${x0} ${l.y0}C${mid} ${l.y0} ${mid} ${l.y1} ${x1} ${l.y1}`}
                fill="none"
                stroke={l.color}
                strokeWidth={Math.max(1, l.w)}
                className={classes.band}
                data-tip={`${l.from.name} → ${l.to.name}\n${unit.full(l.n)} · ${percent(l.n / (l.from.n || 1))} ${t("of", { name: l.from.name })}`}
                onClick={(e) => drill.pick({ filters: [filter(l.from), filter(l.to)] }, e)}
              />
            );
          })}
          {made.nodes.map((n, i) => {
            const left = n.layer === 0;
            const last = n.layer === layers - 1;
            const room = n.layer === 0 || last ? edge - 10 : width / layers - 40;
            const text = fitText(n.name, room);
            return (
              <g
                key={i}
                role="button"
                tabIndex={i === 0 ? 0 : -1}
                data-stop={i}
                data-node={String(n.value)}
                className={classes.land}
                data-tip={`${n.name}\n${unit.full(n.n)}`}
                onClick={(e) => drill.pick({ filters: [filter(n)] }, e)}
              >
                <rect x={x(n.layer)} y={n.y} width={bar} height={Math.max(1.5, n.h)} rx={2} fill={n.color} />
                <text
                  x={left ? x(0) - 6 : x(n.layer) + bar + 6}
                  y={n.y + n.h / 2}
                  dy="0.35em"
                  textAnchor={left ? "end" : "start"}
                  fill={p.text}
                  className={classes.nodeText}
                >
                  {text}
                  <tspan fill={p.dim} dx={5}>
                    {unit.short(n.n)}
                  </tspan>
                </text>
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}

function fitText(text: string, room: number): string {
  const chars = Math.max(4, Math.floor((room - 34) / 6.4));
  const wide = [...text].reduce((n, c) => n + (c.charCodeAt(0) > 0x2e80 ? 1.8 : 1), 0);
  return wide <= chars ? text : `${text.slice(0, Math.max(3, Math.floor((chars * text.length) / wide) - 1))}…`;
}

function layOut(d: DataSet, height: number, zone: string, p: Palette, kind?: string): { nodes: Node[]; links: Link[] } {
  const keys = keyPlaces(d);
  const v = valuePlaces(d)[0];
  if (v === undefined || keys.length < 2) return { nodes: [], links: [] };
  const layers = keys.map(() => new Map<string, Node>());
  for (const r of d.rows) {
    keys.forEach((k, layer) => {
      const value = r[k] ?? null;
      const id = String(value);
      const node = layers[layer]!.get(id) ?? {
        layer,
        value,
        name: keyText(d.columns[k] as BoardColumn, value, zone, 80),
        n: 0,
        y: 0,
        h: 0,
        color: "",
      };
      node.n += number(r[v]);
      layers[layer]!.set(id, node);
    });
  }
  const lists = layers.map((m) => [...m.values()].sort((a, b) => b.n - a.n));
  const total = Math.max(
    1,
    lists[0]!.reduce((a, n) => a + n.n, 0),
  );
  const longest = Math.max(...lists.map((l) => l.length));
  // Names need 13 px each; a node keeps its share of what is left.
  const least = Math.min(15, (height - 4) / longest - 1);
  lists.forEach((list, layer) => {
    const field = d.columns[keys[layer]!]!.field ?? "";
    const colors = colorsFor(
      p,
      field,
      list.map((n) => n.value),
      kindOf(field, kind && layer === lists.length - 1 ? kind : undefined),
    );
    const free = height - gap * (list.length - 1);
    const small = list.filter((n) => (n.n / total) * free < least);
    const large = list.reduce((a, n) => a + (small.includes(n) ? 0 : n.n), 0);
    const rest = free - small.length * least;
    const slots = list.map((n) => (small.includes(n) ? least : (n.n / (large || 1)) * rest));
    let y = 0;
    list.forEach((n, i) => {
      n.color = colors[i]!;
      n.h = slots[i]!;
      n.y = y;
      y += slots[i]! + gap;
    });
  });
  const links: Link[] = [];
  for (let layer = 0; layer + 1 < keys.length; layer++) {
    const pairs = new Map<string, { from: Node; to: Node; n: number }>();
    for (const r of d.rows) {
      const from = layers[layer]!.get(String(r[keys[layer]!] ?? null))!;
      const to = layers[layer + 1]!.get(String(r[keys[layer + 1]!] ?? null))!;
      const id = `${String(from.value)}\n${String(to.value)}`;
      const pair = pairs.get(id) ?? { from, to, n: 0 };
      pair.n += number(r[v]);
      pairs.set(id, pair);
    }
    const out = new Map<Node, number>();
    const into = new Map<Node, number>();
    const sorted = [...pairs.values()].sort((a, b) => a.from.y - b.from.y || a.to.y - b.to.y);
    for (const l of sorted) {
      const w0 = (l.n / (l.from.n || 1)) * l.from.h;
      const w1 = (l.n / (l.to.n || 1)) * l.to.h;
      const o = out.get(l.from) ?? 0;
      const i = into.get(l.to) ?? 0;
      out.set(l.from, o + w0);
      into.set(l.to, i + w1);
      const last = layer + 2 === keys.length;
      links.push({
        ...l,
        y0: l.from.y + o + w0 / 2,
        y1: l.to.y + i + w1 / 2,
        w: Math.min(w0, w1),
        color: kind && last ? l.to.color : l.from.color,
      });
    }
  }
  return { nodes: lists.flat(), links };
}
