import { Go } from "@/ui/Go";
import { valueProps } from "@/ui/ValueMenu";
import classes from "./charts.module.css";
import { type ChartProps, columnTitle, keyText, pickedOf, valueText } from "./model";

/** Twin is the table of a chart: the same numbers, for those who do not see the picture or want the rows. */
export function Twin({ data, options, zone, drill, label, titleOf }: ChartProps) {
  return (
    <section className={classes.twin} aria-label={label} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            {data.columns.map((c) => (
              <th key={c.name} scope="col" data-num={c.role === "value" || undefined}>
                {columnTitle(c, titleOf)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.slice(0, 1000).map((r, i) => (
            <tr key={i}>
              {data.columns.map((c, j) =>
                c.role === "key" ? (
                  <td key={c.name}>
                    <span {...(c.field && !c.time && !c.part && c.kind !== "time" ? valueProps(c.field, r[j]) : {})}>
                      {keyText(c, r[j], zone)}
                    </span>
                  </td>
                ) : (
                  <td key={c.name} data-num>
                    {typeof r[j] === "number" && !data.columns.some((x) => x.part) ? (
                      <Go to={drill.link(pickedOf(data, r))} className={classes.count}>
                        {valueText(c, r[j], zone, options.unit)}
                      </Go>
                    ) : (
                      valueText(c, r[j], zone, options.unit)
                    )}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
