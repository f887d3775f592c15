import { useTranslation } from "react-i18next";
import { type AlertStatus, type Severity, useApi } from "@/api";
import { href } from "@/state";
import { Go, Loading, Panel, relative, SeverityMark, StatusBadge, visible } from "@/ui";
import classes from "./Alert.module.css";
import { alertUrl } from "./AlertRows";
import { titleOf } from "./about";
import type { AlertDetail } from "./endpoints";

/** RelatedAlerts are others about the same: the value it is about, or the first address or user it names. */
export function RelatedAlerts({ alert: a }: { alert: AlertDetail }) {
  const { t } = useTranslation("alerts");
  const named = a.entities?.find((e) => e.kind === "ip" || e.kind === "user");
  const value = named?.value ?? a.group[0]?.value;
  const { data } = useApi("GET /alerts", { query: { group: value, limit: 20 } }, { enabled: value !== undefined });
  if (value === undefined) return null;
  const others = data?.items.filter((x) => x.id !== a.id) ?? [];
  return (
    <Panel
      title={t("related.title")}
      actions={
        others.length > 0 && (
          <Go className={classes.link} to={href("/alerts", { status: "all", group: value })}>
            {t("related.all")}
          </Go>
        )
      }
    >
      {!data ? (
        <Loading rows={2} />
      ) : others.length === 0 ? (
        <p className={`${classes.none} y-dim`}>{t("related.none", { value: visible(value, 80) })}</p>
      ) : (
        <ul className={classes.related}>
          {others.slice(0, 8).map((x) => (
            <li key={x.id}>
              <Go to={alertUrl(x.id)}>
                <SeverityMark level={x.severity as Severity} />
                <span>
                  {titleOf(x)} <time className="y-dim">{relative(x.last_seen)}</time>
                </span>
                <StatusBadge status={x.status as AlertStatus} />
              </Go>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
