import { Menu } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Cell } from "@/api";
import { go } from "@/app/router";
import { startOf } from "@/state/time";
import { usePalette } from "@/theme/colors";
import { date } from "@/ui/format";
import classes from "./charts.module.css";
import { stepOf, steps } from "./colors";
import { amount, type ChartProps, columnTitle, keyPlaces, keyText, number, valuePlaces } from "./model";
import { colorsOfSteps } from "./ramp";
import { roving } from "./Tip";

const hourMs = 3_600_000;

/** occurrences are the hours of a range that fall on an hour of a weekday (1 = Monday) by the clock of a zone, newest first. */
export function occurrences(
  day: number,
  hour: number,
  from: number,
  to: number,
  zone: string,
): { from: number; to: number }[] {
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    hourCycle: "h23",
  });
  const names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  const out: { from: number; to: number }[] = [];
  for (let at = startOf(from, "h", zone); at < to && out.length < 200; at += hourMs) {
    const parts = clock.formatToParts(at);
    const d = names.indexOf(parts.find((x) => x.type === "weekday")!.value) + 1;
    if (d === day && Number(parts.find((x) => x.type === "hour")!.value) === hour)
      out.push({ from: at, to: at + hourMs });
  }
  return out.reverse();
}

/** Heatmap draws two keys as a field of colours; hours of a week are in the order of the clock. A cell leads to its events. */
export function Heatmap(props: ChartProps & { range: { from: number; to: number } }) {
  const { data, options, zone, drill, label, titleOf, range } = props;
  const { t } = useTranslation("charts");
  const p = usePalette();
  const [menu, setMenu] = useState<{ x: number; y: number; name: string; times: { from: number; to: number }[] }>();
  const [a, b] = keyPlaces(data);
  const v = valuePlaces(data)[0];
  const made = useMemo(() => {
    if (a === undefined || b === undefined || v === undefined) return undefined;
    const rows = axis(
      data.columns[a]!.part,
      data.rows.map((r) => r[a] ?? null),
      14,
    );
    const columns = axis(
      data.columns[b]!.part,
      data.rows.map((r) => r[b] ?? null),
      32,
    );
    const at = new Map(data.rows.map((r) => [`${r[a]}\n${r[b]}`, number(r[v])]));
    const max = Math.max(0, ...at.values());
    return { rows, columns, at, bounds: steps(max, p.ramp.length - 1, options.log ?? false), max };
  }, [data, a, b, v, options.log, p.ramp.length]);
  if (!made || a === undefined || b === undefined || v === undefined) return null;
  const unit = amount(options.unit);
  const colors = colorsOfSteps(p, made.bounds.length);
  const isWeek = data.columns[a]!.part === "weekday" && data.columns[b]!.part === "hour";
  const press = (row: Cell, column: Cell, name: string, e: React.MouseEvent) => {
    if (isWeek) {
      const times = occurrences(Number(row), Number(column), range.from, range.to, zone).slice(0, 8);
      const box = e.currentTarget.getBoundingClientRect();
      setMenu({ x: box.left, y: box.bottom, name, times });
      return;
    }
    const filters = [
      ...(data.columns[a]!.part ? [] : [{ field: data.columns[a]!.field!, value: row }]),
      ...(data.columns[b]!.part ? [] : [{ field: data.columns[b]!.field!, value: column }]),
    ];
    drill.pick({ filters }, e);
  };
  return (
    <div className={classes.heatBox}>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a field of cells to walk through is a grid */}
      <table className={classes.heat} role="grid" aria-label={label} onKeyDown={roving}>
        <thead>
          <tr>
            <td />
            {made.columns.map((c, i) => (
              <th key={String(c)} scope="col">
                {data.columns[b]!.part !== "hour" ? keyText(data.columns[b]!, c, zone) : i % 3 === 0 ? String(c) : ""}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {made.rows.map((r, y) => (
            <tr key={String(r)}>
              <th scope="row" title={keyText(data.columns[a]!, r, zone)}>
                {keyText(data.columns[a]!, r, zone)}
              </th>
              {made.columns.map((c, x) => {
                const n = made.at.get(`${r}\n${c}`) ?? 0;
                const name = `${keyText(data.columns[a]!, r, zone)} ${keyText(data.columns[b]!, c, zone)}`;
                const step = stepOf(made.bounds, n);
                return (
                  <td
                    key={String(c)}
                    data-stop={y * made.columns.length + x}
                    tabIndex={x === 0 && y === 0 ? 0 : -1}
                    style={{ background: step < 0 ? undefined : colors[step] }}
                    data-tip={`${name}\n${unit.full(n)} ${columnTitle(data.columns[v]!, titleOf)}`}
                    aria-label={`${name}: ${unit.full(n)}`}
                    data-empty={n === 0 || undefined}
                    onClick={(e) => press(r, c, name, e)}
                  />
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <div className={classes.scale} aria-hidden>
        <span>{unit.short(0)}</span>
        {colors.map((c) => (
          <i key={c} style={{ background: c }} />
        ))}
        <span>{unit.short(made.max)}</span>
      </div>
      {menu && (
        <Menu
          opened
          onClose={() => setMenu(undefined)}
          position="bottom-start"
          transitionProps={{ duration: 0 }}
          trapFocus
        >
          <Menu.Target>
            <span aria-hidden style={{ position: "fixed", left: menu.x, top: menu.y, width: 1, height: 1 }} />
          </Menu.Target>
          <Menu.Dropdown aria-label={menu.name}>
            <Menu.Label>{menu.name}</Menu.Label>
            {menu.times.map((s) => (
              <Menu.Item key={s.from} onClick={() => go(drill.link({ filters: [], span: s }))}>
                {t("eventsOf", { time: date(s.from, zone) })}
              </Menu.Item>
            ))}
            {menu.times[0] && (
              <Menu.Item onClick={() => drill.zoom(menu.times[0]!.from, menu.times[0]!.to)}>{t("zoomHour")}</Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}

function axis(part: string | undefined, values: Cell[], most: number): Cell[] {
  if (part === "weekday") return [1, 2, 3, 4, 5, 6, 7];
  if (part === "hour") return Array.from({ length: 24 }, (_, i) => i);
  return [...new Set(values)].slice(0, most);
}
