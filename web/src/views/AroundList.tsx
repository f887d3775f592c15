import { Select } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type EventDetail, useApi, type YEvent } from "@/api";
import { ErrorState, Go, Loading } from "@/ui";
import { date, duration } from "@/ui/format";
import { visible } from "@/ui/visible";
import classes from "./AroundList.module.css";
import { eventUrl } from "./EventDetail";
import { sentence } from "./eventText";

const amounts = ["10", "25", "100", "500"];

/** AroundList shows what happened before and after an event, of everything or of the same address, user … */
export function AroundList({ detail, zone }: { detail: EventDetail; zone: string }) {
  const { t } = useTranslation("explore");
  const [same, setSame] = useState<string>("");
  const [amount, setAmount] = useState("25");
  const n = Number(amount);
  const { data, error, refetch, isPlaceholderData } = useApi(
    "GET /events/{id}/around",
    { path: { id: detail.id }, query: { before: n, after: n, same: same || undefined } },
    { staleTime: Infinity },
  );
  const middle = useRef<HTMLLIElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (data && middle.current && frame.current)
      frame.current.scrollTop = middle.current.offsetTop - frame.current.clientHeight / 2;
  }, [data]);
  const at = Date.parse(detail.time);
  const line = (e: YEvent) => {
    const apart = Date.parse(e.time) - at;
    return (
      <li key={e.id} className={classes.row}>
        <Go to={eventUrl(e, zone)} className={classes.time} title={date(e.time, zone, "milli")}>
          {apart === 0 ? "±0" : `${apart < 0 ? "−" : "+"}${duration(Math.abs(apart))}`}
        </Go>
        <span className={classes.type}>{e.type}</span>
        <span className={classes.text}>{visible(sentence(e), 400)}</span>
      </li>
    );
  };
  return (
    <>
      <div className={classes.bar}>
        <Select
          aria-label={t("around.same")}
          data={[
            { value: "", label: t("around.all") },
            ...detail.around.map((f) => ({ value: f, label: t("around.sameField", { field: f }) })),
          ]}
          value={same}
          onChange={(v) => setSame(v ?? "")}
          allowDeselect={false}
          w={260}
        />
        <Select
          aria-label={t("around.amount")}
          data={amounts.map((x) => ({ value: x, label: t("around.each", { n: x }) }))}
          value={amount}
          onChange={(v) => setAmount(v ?? "25")}
          allowDeselect={false}
          w={150}
        />
      </div>
      {error ? (
        <ErrorState problem={error} retry={refetch} small />
      ) : !data ? (
        <Loading rows={8} />
      ) : (
        <div
          ref={frame}
          className={`${classes.frame} ${isPlaceholderData ? "y-stale" : ""}`}
          tabIndex={0}
          role="region"
          aria-label={t("detail.around")}
        >
          <ol className={classes.list}>
            {data.before.map(line)}
            <li ref={middle} className={classes.row} data-this aria-current="true">
              <span className={classes.time}>{date(detail.time, zone, "clock")}</span>
              <span className={classes.type}>{detail.type}</span>
              <span className={classes.text}>{visible(sentence(detail), 400)}</span>
            </li>
            {data.after.map(line)}
          </ol>
        </div>
      )}
    </>
  );
}
