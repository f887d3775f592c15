import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { usePalette } from "@/theme/colors";
import { country, percent } from "@/ui/format";
import { Go } from "@/ui/Go";
import classes from "./charts.module.css";
import { stepOf, steps } from "./colors";
import { amount, type ChartProps, columnTitle, keyPlaces, number, pickedOf, valuePlaces } from "./model";
import { colorsOfSteps } from "./ramp";
import { roving } from "./Tip";
import { readWorld, world } from "./world";

/**
 * WorldMap colours countries in steps; small states are dots. Events without a country are counted beside it. A country filters; with alt
 * its events open. Arrow keys walk from the country with most to that with least.
 */
export default function WorldMap({ data, options, drill, label, titleOf }: ChartProps) {
  const { t } = useTranslation("charts");
  const p = usePalette();
  const k = keyPlaces(data)[0];
  const v = valuePlaces(data)[0];
  const made = useMemo(() => {
    const rows = k === undefined || v === undefined ? [] : data.rows.toSorted((a, b) => number(b[v]) - number(a[v]));
    const known = rows.filter((r) => /^[A-Z]{2}$/.test(String(r[k!] ?? "")));
    const sum = rows.reduce((a, r) => a + number(r[v!]), 0);
    const none = rows.filter((r) => !known.includes(r)).reduce((a, r) => a + number(r[v!]), 0);
    const max = number(known[0]?.[v!]);
    return {
      known,
      sum,
      none,
      bounds: steps(max, p.ramp.length - 1, options.log ?? true),
      by: new Map(known.map((r, i) => [String(r[k!]), { row: r, n: number(r[v!]), rank: i }])),
    };
  }, [data, k, v, options.log, p.ramp.length]);
  const unit = amount(options.unit);
  const colors = colorsOfSteps(p, made.bounds.length);
  const title = v === undefined ? "" : columnTitle(data.columns[v]!, titleOf);
  const lands = readWorld();
  return (
    <div className={classes.map}>
      <svg
        viewBox={`0 ${world.top} ${world.width} ${world.height}`}
        role="group"
        aria-label={label}
        onKeyDown={roving}
        preserveAspectRatio="xMidYMid meet"
      >
        {lands.map((l, i) => {
          const at = made.by.get(l.code);
          const name = country(l.code);
          const fill = at ? colors[stepOf(made.bounds, at.n)]! : p.line;
          const own = at
            ? {
                className: classes.land,
                role: "button",
                tabIndex: at.rank === 0 ? 0 : -1,
                "data-stop": at.rank,
                "data-country": l.code,
                "aria-label": `${name}: ${unit.full(at.n)}`,
                "data-tip": `${name}\n${unit.full(at.n)} ${title}\n${percent(at.n / (made.sum || 1))}`,
                onClick: (e: React.MouseEvent) => drill.pick(pickedOf(data, at.row), e),
              }
            : { "data-tip": name };
          return l.small ? (
            at || l.path.length < 20 ? (
              <circle
                key={i}
                cx={l.x}
                cy={l.y}
                r={at ? 5 : 1.2}
                fill={fill}
                stroke={p.panel}
                strokeWidth={at ? 1.2 : 0}
                {...own}
              />
            ) : (
              <path key={i} d={l.path} fill={fill} {...own} />
            )
          ) : (
            <path key={i} d={l.path} fill={fill} stroke={p.panel} strokeWidth={0.6} {...own} />
          );
        })}
      </svg>
      <div className={classes.mapFoot}>
        <div className={classes.scale} aria-hidden>
          {colors.map((c, i) => (
            <span key={c}>
              <i style={{ background: c }} />
              {unit.short(made.bounds[i]!)}
            </span>
          ))}
        </div>
        <div className={classes.mapTop}>
          {made.known.slice(0, 3).map((r) => (
            <span key={String(r[k!])}>
              {country(String(r[k!]))}{" "}
              <Go to={drill.link(pickedOf(data, r))} className={classes.count} title={t("toEvents")}>
                {unit.short(number(r[v!]))}
              </Go>
            </span>
          ))}
          {made.none > 0 && (
            <span title={t("noCountryHelp")}>
              {t("noCountry")}{" "}
              <Go
                to={drill.link({ filters: [{ field: data.columns[k!]!.field ?? "", value: null }] })}
                className={classes.count}
              >
                {unit.short(made.none)}
              </Go>
            </span>
          )}
        </div>
      </div>
    </div>
  );
}
