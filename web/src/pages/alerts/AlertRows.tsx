import { IconUser } from "@tabler/icons-react";
import { type MouseEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { AlertStatus, Severity } from "@/api";
import { go } from "@/app/router";
import { useZone } from "@/state";
import { date, Go, num, relative, SeverityBadge, StatusBadge, Tag, valueProps, visible } from "@/ui";
import classes from "./Alerts.module.css";
import { titleOf } from "./about";
import type { Alert } from "./endpoints";

export const alertUrl = (id: string) => `/alerts/${encodeURIComponent(id)}`;

/** AlertRows is the inbox: severity as an edge, a shape and a word; what it is about; a box to choose several. */
export function AlertRows({
  alerts,
  chosen,
  choose,
  current,
  setCurrent,
  stale,
}: {
  alerts: Alert[];
  chosen: ReadonlySet<string>;
  choose: (ids: ReadonlySet<string>) => void;
  current: number;
  setCurrent: (i: number) => void;
  stale: boolean;
}) {
  const { t } = useTranslation("alerts");
  const zone = useZone();
  const body = useRef<HTMLTableSectionElement>(null);
  const last = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the row in view follows the keyboard
  useEffect(() => {
    body.current?.querySelector("[data-current]")?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const every = alerts.length > 0 && alerts.every((a) => chosen.has(a.id));
  const some = alerts.some((a) => chosen.has(a.id));
  const flip = (i: number, stretch: boolean) => {
    const next = new Set(chosen);
    const on = !next.has(alerts[i]!.id);
    const [a, b] = stretch ? [Math.min(i, last.current), Math.max(i, last.current)] : [i, i];
    for (const x of alerts.slice(a, b + 1)) {
      if (on) next.add(x.id);
      else next.delete(x.id);
    }
    last.current = i;
    choose(next);
  };
  const open = (e: MouseEvent, a: Alert, i: number) => {
    if ((e.target as Element).closest("a,button,input,label,[data-field]")) return;
    setCurrent(i);
    if (window.getSelection()?.type !== "Range") go(alertUrl(a.id));
  };
  return (
    <table className={`${classes.table} ${stale ? "y-stale" : ""}`} aria-label={t("title")}>
      <thead>
        <tr>
          <th scope="col" className={classes.box}>
            <label>
              <input
                type="checkbox"
                checked={every}
                ref={(el) => {
                  if (el) el.indeterminate = some && !every;
                }}
                onChange={() => choose(every ? new Set() : new Set(alerts.map((a) => a.id)))}
                aria-label={t("list.all")}
              />
            </label>
          </th>
          <th scope="col">{t("list.severity")}</th>
          <th scope="col">{t("list.alert")}</th>
          <th scope="col">{t("list.status")}</th>
          <th scope="col" data-numeric>
            {t("list.findings")}
          </th>
          <th scope="col">{t("list.last")}</th>
          <th scope="col">{t("list.age")}</th>
        </tr>
      </thead>
      <tbody ref={body}>
        {alerts.map((a, i) => (
          <tr
            key={a.id}
            data-alert={a.id}
            data-severity={a.severity}
            data-status={a.status}
            data-current={i === current || undefined}
            data-chosen={chosen.has(a.id) || undefined}
            onClick={(e) => open(e, a, i)}
          >
            <td className={classes.box}>
              <label>
                <input
                  type="checkbox"
                  checked={chosen.has(a.id)}
                  onChange={(e) => flip(i, (e.nativeEvent as unknown as MouseEvent).shiftKey)}
                  aria-label={t("list.choose", { title: titleOf(a) })}
                />
              </label>
            </td>
            <td>
              <SeverityBadge level={a.severity as Severity} />
            </td>
            <td className={classes.what}>
              <Go to={alertUrl(a.id)} className={classes.title}>
                {titleOf(a)}
              </Go>
              <span className={classes.about}>
                {a.group.map((g) => (
                  <span key={g.field} className={classes.group}>
                    <span className="y-dim">{visible(g.field, 60)}</span>
                    <bdi className="y-mono y-cut" {...valueProps(g.field, g.value)}>
                      {visible(g.value, 120)}
                    </bdi>
                  </span>
                ))}
                {a.backfill && <Tag>{t("list.backfill")}</Tag>}
              </span>
            </td>
            <td>
              <span className={classes.state}>
                <StatusBadge status={a.status as AlertStatus} />
                {a.status === "closed" && a.reason && (
                  <span className={classes.small}>{t(`reason.${a.reason}`, { defaultValue: a.reason })}</span>
                )}
                {a.assignee && (
                  <span className={classes.small}>
                    <IconUser size={12} aria-label={t("list.assignee")} /> {visible(a.assignee, 40)}
                  </span>
                )}
              </span>
            </td>
            <td data-numeric>{num(a.findings)}</td>
            <td className={classes.time}>
              <time dateTime={a.last_seen} title={date(a.last_seen, zone, "second")}>
                {relative(a.last_seen)}
              </time>
            </td>
            <td className={classes.time}>
              <time dateTime={a.created} title={date(a.created, zone, "second")}>
                {relative(a.created)}
              </time>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
