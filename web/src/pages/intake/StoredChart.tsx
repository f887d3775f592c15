import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { go } from "@/app/router";
import CartChart from "@/charts/CartChart";
import type { DataSet, Picked } from "@/charts/model";
import { exploreUrl, writeTime } from "@/state";
import type { Storage } from "./endpoints";

const day = 86_400_000;
const startOf = (d: string) => Date.parse(`${d}T00:00:00Z`);

/** What was pressed as a search: the log type, and the day (days are UTC). */
function eventsUrl(p: Picked, from: number, to: number): string {
  return exploreUrl({
    filters: p.filters.map((f) => ({ field: f.field, value: String(f.value), negate: false })),
    from: writeTime(p.span?.from ?? from, "UTC"),
    to: writeTime(p.span?.to ?? to, "UTC"),
    tz: "UTC",
  });
}

/** StoredChart is a bar of bytes for each day, stacked by log type. */
export default function StoredChart({ storage, days }: { storage: Storage; days: string[] }) {
  const { t } = useTranslation("intake");
  const first = startOf(days.at(-1)!);
  const end = startOf(days[0]!) + day;
  const data = useMemo<DataSet>(
    () => ({
      columns: [
        { name: "day", kind: "time", role: "key", time: true, exact: true },
        { name: "type", kind: "keyword", role: "key", field: "event.module", exact: true },
        { name: "bytes", kind: "int", role: "value", exact: true },
      ],
      rows: storage.days.filter((d) => days.includes(d.day!)).map((d) => [`${d.day}T00:00:00Z`, d.type, d.bytes]),
      buckets: days.toReversed().map((d) => `${d}T00:00:00Z`),
      end: new Date(end).toISOString(),
    }),
    [storage.days, days, end],
  );
  return (
    <CartChart
      kind="bar"
      data={data}
      options={{ stacked: true, unit: "bytes" }}
      zone="UTC"
      label={t("storage.byDay")}
      titleOf={() => undefined}
      drill={{
        link: (p) => eventsUrl(p, first, end),
        pick: (p) => go(eventsUrl(p, first, end)),
        zoom: (from, to) => go(exploreUrl({ from: writeTime(from, "UTC"), to: writeTime(to, "UTC"), tz: "UTC" })),
      }}
    />
  );
}
