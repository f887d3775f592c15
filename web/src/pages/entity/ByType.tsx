import { useTranslation } from "react-i18next";
import { useApi } from "@/api";
import { pick } from "@/i18n";
import { exploreUrl, useRange } from "@/state";
import { colorOf, usePalette } from "@/theme/colors";
import { date, Go, num, Panel, percent, valueProps, visible } from "@/ui";
import classes from "./Entity.module.css";
import type { EntityAnswer } from "./endpoints";

/** ByType is how much each log type says about it, in the colours of the chart, each number a way to its events. */
export function ByType({ data }: { data: EntityAnswer }) {
  const { t } = useTranslation("entity");
  const p = usePalette();
  const range = useRange();
  const types = useApi("GET /types", {}, { staleTime: Infinity });
  const most = Math.max(1, ...data.by_type.map((x) => x.count));
  const color = (type: string) => {
    const i = data.timeline.series.findIndex((s) => s.key === type);
    return i < 0 ? p.other : colorOf(p, type, i);
  };
  return (
    <Panel title={t("byType")} className={classes.narrow}>
      <ul className={classes.types}>
        {data.by_type.map((x) => {
          const known = types.data?.items.find((y) => y.name === x.type);
          return (
            <li key={x.type} data-type={x.type}>
              <div className={classes.typeHead}>
                <i style={{ background: color(x.type) }} aria-hidden />
                <span className="y-cut y-mono" {...valueProps("event.module", x.type)}>
                  {visible(x.type, 80)}
                </span>
                <span className="y-dim y-cut">{known ? pick(known, "title") : ""}</span>
                <Go
                  className={classes.count}
                  title={t("toEvents")}
                  to={exploreUrl({
                    q: data.where,
                    filters: [{ field: "event.module", value: x.type, negate: false }],
                    from: range.from,
                    to: range.to,
                    tz: range.tz,
                  })}
                >
                  {num(x.count)}
                </Go>
                <span className={classes.share}>{percent(x.count / data.total)}</span>
              </div>
              <div className={classes.track} aria-hidden>
                <i style={{ width: `${(100 * x.count) / most}%`, background: color(x.type) }} />
              </div>
              <div className={classes.span}>
                {date(x.first, range.zone)} – {date(x.last, range.zone)}
              </div>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
