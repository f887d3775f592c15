import { useTranslation } from "react-i18next";
import type { YEvent } from "@/api";
import { exploreUrl, text, useRange, useUrlState } from "@/state";
import { Go, num, Panel } from "@/ui";
import { defaultColumns } from "@/views/columns";
import { EventTable } from "@/views/EventTable";
import classes from "./Entity.module.css";
import type { EntityAnswer } from "./endpoints";

const spec = { open: text("") };

/** Recent is the newest events in the shared table. The opened one stands in the address. */
export function Recent({ data }: { data: EntityAnswer }) {
  const { t } = useTranslation("entity");
  const range = useRange();
  const [{ open }, set] = useUrlState(spec);
  const all = exploreUrl({ q: data.where, from: range.from, to: range.to, tz: range.tz });
  const rows = data.recent.length;
  return (
    <Panel
      title={t("recent")}
      className={classes.full}
      pad={false}
      actions={
        <Go to={all} className={classes.all}>
          {t("allEvents", { count: data.total, shown: num(data.total) })}
        </Go>
      }
    >
      <div className={classes.events} style={{ height: open ? 620 : Math.min(620, 48 + rows * 28) }}>
        <EventTable
          events={data.recent as YEvent[]}
          columns={defaultColumns}
          zone={range.zone}
          label={t("recent")}
          open={open}
          onOpen={(id) => set({ open: id ?? "" }, { replace: true })}
          keys
        />
      </div>
    </Panel>
  );
}
