import { Button, SegmentedControl, TextInput, UnstyledButton } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import "dayjs/locale/ja";
import { language } from "@/i18n";
import { addUnits, browserZone, instant, type Range, readTime, startOf, writeEnd, writeTime } from "@/state";
import { date } from "./format";
import { quick } from "./quickRanges";
import { zoneName } from "./TimePicker";
import classes from "./TimePicker.module.css";

/** `-3h` and `3h` mean three hours ago, as on the command line. */
function normal(text: string): string {
  const m = /^-?(\d{1,6}[smhdwMy])$/.exec(text.trim());
  return m ? `now-${m[1]}` : text.trim();
}

const day = (ms: number, zone: string) => writeTime(ms, zone).slice(0, 10);

/** TimePanel is the inside of the time picker, loaded when it is first opened. */
export default function TimePanel({ range, close }: { range: Range; close: () => void }) {
  const { t } = useTranslation();
  const [from, setFrom] = useState(range.from);
  const [to, setTo] = useState(range.to);
  const [picked, setPicked] = useState<[string | null, string | null]>(() => {
    const r = range.resolve();
    return [day(r.from, range.zone), day(r.to - 1, range.zone)];
  });
  const now = Date.now();
  const start = readTime(normal(from), now, range.zone);
  const end = readTime(normal(to), now, range.zone, true);
  const bad = start !== undefined && end !== undefined && start >= end;

  const apply = (a: string, b: string) => {
    range.set({ from: a, to: b });
    close();
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (start !== undefined && end !== undefined && !bad) apply(normal(from), normal(to));
  };
  const business = () => {
    const today = startOf(now, "d", range.zone);
    const at = (h: number) => addUnits(today, h, "h", range.zone);
    apply(writeTime(at(9), range.zone), writeEnd(at(18), range.zone));
  };
  const pickDays = (value: [string | null, string | null]) => {
    setPicked(value);
    const [a, b] = value;
    if (!a || !b) return;
    const of = (text: string) => {
      const [year, month, d] = text.split("-").map(Number) as [number, number, number];
      return instant({ year, month, day: d, hour: 0, minute: 0, second: 0 }, range.zone);
    };
    setFrom(writeTime(of(a), range.zone));
    setTo(writeEnd(addUnits(of(b), 1, "d", range.zone), range.zone));
  };
  const hint = (ms: number | undefined) => (ms === undefined ? undefined : date(ms, range.zone, "second"));
  const zones = [
    { value: "browser", label: t("time.browser", { zone: zoneName(browserZone()) }) },
    { value: "Asia/Tokyo", label: "JST" },
    { value: "UTC", label: "UTC" },
  ];
  const zoneValue = zones.some((z) => z.value === range.tz) ? range.tz : range.zone;
  if (!zones.some((z) => z.value === zoneValue)) zones.push({ value: zoneValue, label: zoneName(zoneValue) });

  return (
    <div className={classes.panel}>
      <div className={classes.quick} role="group" aria-label={t("time.quick")}>
        {quick.map((q) => (
          <UnstyledButton
            key={q.id}
            className={classes.quickItem}
            aria-pressed={q.from === range.from && q.to === range.to}
            onClick={() => apply(q.from, q.to)}
          >
            {t(`time.${q.id}`)}
          </UnstyledButton>
        ))}
        <UnstyledButton className={classes.quickItem} onClick={business}>
          {t("time.business")}
        </UnstyledButton>
      </div>
      <form className={classes.side} onSubmit={submit}>
        <div className={classes.ends}>
          <TextInput
            label={t("time.from")}
            value={from}
            data-autofocus
            onChange={(e) => setFrom(e.currentTarget.value)}
            error={start === undefined ? t("time.noTime") : undefined}
            description={hint(start)}
            inputWrapperOrder={["label", "input", "description", "error"]}
            spellCheck={false}
          />
          <TextInput
            label={t("time.to")}
            value={to}
            onChange={(e) => setTo(e.currentTarget.value)}
            error={end === undefined ? t("time.noTime") : bad ? t("time.order") : undefined}
            description={hint(end)}
            inputWrapperOrder={["label", "input", "description", "error"]}
            spellCheck={false}
          />
        </div>
        <DatePicker
          type="range"
          size="xs"
          value={picked}
          onChange={pickDays}
          locale={language()}
          firstDayOfWeek={language() === "ja" ? 0 : 1}
          monthLabelFormat={language() === "ja" ? "YYYY年M月" : "MMMM YYYY"}
          defaultDate={picked[1] ?? undefined}
          allowSingleDateInRange
          hideOutsideDates
          ariaLabels={{
            previousMonth: t("time.previousMonth"),
            nextMonth: t("time.nextMonth"),
          }}
        />
        <div className={classes.foot}>
          <SegmentedControl
            data={zones}
            value={zoneValue}
            onChange={(z) => range.setTz(z)}
            aria-label={t("time.zone")}
          />
          <Button type="submit" disabled={start === undefined || end === undefined || bad}>
            {t("time.apply")}
          </Button>
        </div>
        <div className="y-dim">{t("time.help")}</div>
      </form>
    </div>
  );
}
