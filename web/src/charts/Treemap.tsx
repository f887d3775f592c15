import { UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import type { Cell } from "@/api";
import { usePalette } from "@/theme/colors";
import { percent } from "@/ui/format";
import classes from "./charts.module.css";
import { colorsFor, kindOf } from "./colors";
import { amount, type ChartProps, keyPlaces, keyText, number, valuePlaces } from "./model";
import { roving, useSize } from "./Tip";

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** squarify cuts a box into pieces of the given sizes (largest first) that are as square as can be. */
export function squarify(sizes: number[], box: Box): Box[] {
  const out: Box[] = [];
  const sum = sizes.reduce((a, n) => a + n, 0);
  if (sum <= 0) return sizes.map(() => ({ ...box, w: 0, h: 0 }));
  const scale = (box.w * box.h) / sum;
  const areas = sizes.map((n) => n * scale);
  let rest = { ...box };
  let i = 0;
  while (i < areas.length) {
    const side = Math.min(rest.w, rest.h);
    let row: number[] = [];
    let worst = Number.POSITIVE_INFINITY;
    while (i + row.length < areas.length) {
      const next = [...row, areas[i + row.length]!];
      const total = next.reduce((a, n) => a + n, 0);
      const w = Math.max(
        ...next.map((n) => Math.max((side * side * n) / (total * total), (total * total) / (side * side * n || 1))),
      );
      if (w > worst) break;
      worst = w;
      row = next;
    }
    const total = row.reduce((a, n) => a + n, 0);
    const thick = side > 0 ? total / side : 0;
    let at = 0;
    for (const n of row) {
      const long = thick > 0 ? n / thick : 0;
      out.push(
        rest.w >= rest.h
          ? { x: rest.x, y: rest.y + at, w: thick, h: long }
          : { x: rest.x + at, y: rest.y, w: long, h: thick },
      );
      at += long;
    }
    rest =
      rest.w >= rest.h
        ? { x: rest.x + thick, y: rest.y, w: rest.w - thick, h: rest.h }
        : { x: rest.x, y: rest.y + thick, w: rest.w, h: rest.h - thick };
    i += row.length;
  }
  return out;
}

/** Treemap shows parts of a whole as areas, a second key inside the first. */
export function Treemap({ data, options, zone, drill, total, label }: ChartProps) {
  const p = usePalette();
  const [ref, size] = useSize<HTMLDivElement>();
  const [k, k2] = keyPlaces(data);
  const v = valuePlaces(data)[0];
  const unit = amount(options.unit);
  const groups = useMemo(() => {
    if (k === undefined || v === undefined) return [];
    const by = new Map<string, { value: Cell; n: number; parts: { value: Cell; n: number }[] }>();
    for (const r of data.rows) {
      const id = String(r[k] ?? null);
      const g = by.get(id) ?? { value: r[k] ?? null, n: 0, parts: [] };
      g.n += number(r[v]);
      g.parts.push({ value: k2 === undefined ? null : (r[k2] ?? null), n: number(r[v]) });
      by.set(id, g);
    }
    const list = [...by.values()].sort((a, b) => b.n - a.n);
    for (const g of list) g.parts.sort((a, b) => b.n - a.n);
    return list;
  }, [data, k, k2, v]);
  if (k === undefined) return null;
  const c1 = data.columns[k]!;
  const c2 = k2 === undefined ? undefined : data.columns[k2]!;
  const colors = colorsFor(
    p,
    c1.field ?? "",
    groups.map((g) => g.value),
    kindOf(c1.field, options.colors),
  );
  const sum = total ?? groups.reduce((a, g) => a + g.n, 0);
  const outer = squarify(
    groups.map((g) => g.n),
    { x: 0, y: 0, w: size.width, h: size.height - 2 },
  );
  let stop = 0;
  return (
    <div ref={ref} className={classes.treemap} role="group" aria-label={label} onKeyDown={roving}>
      {groups.map((g, i) => {
        const b = outer[i]!;
        const inner = squarify(
          g.parts.map((x) => x.n),
          { x: b.x + 1, y: b.y + 1, w: Math.max(0, b.w - 2), h: Math.max(0, b.h - 2) },
        );
        const name = keyText(c1, g.value, zone);
        return g.parts.map((part, j) => {
          const r = inner[j]!;
          const own = c2 ? keyText(c2, part.value, zone) : name;
          const filters = [
            { field: c1.field ?? "", value: g.value },
            ...(c2 ? [{ field: c2.field ?? "", value: part.value }] : []),
          ];
          const share = percent(part.n / (sum || 1));
          return (
            <UnstyledButton
              key={`${name}\n${own}`}
              className={classes.tile}
              style={
                {
                  left: r.x,
                  top: r.y,
                  width: Math.max(0, r.w - 1),
                  height: Math.max(0, r.h - 1),
                  "--own": colors[i],
                } as React.CSSProperties
              }
              data-stop={stop}
              tabIndex={stop++ === 0 ? 0 : -1}
              data-tip={`${c2 ? `${name} · ${own}` : own}\n${unit.full(part.n)} · ${share}`}
              aria-label={r.w > 44 && r.h > 22 ? undefined : `${c2 ? `${name} · ${own}` : own}: ${unit.full(part.n)}`}
              onClick={(e) => drill.pick({ filters }, e)}
            >
              {r.w > 44 && r.h > 22 && (
                <>
                  {c2 && j === 0 && r.h > 54 && <small>{name}</small>}
                  <b>{own}</b>
                  {r.h > 40 && <span>{unit.short(part.n)}</span>}
                </>
              )}
            </UnstyledButton>
          );
        });
      })}
    </div>
  );
}
