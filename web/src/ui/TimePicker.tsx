import { ActionIcon, Menu, Popover, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconCheck,
  IconChevronDown,
  IconChevronLeft,
  IconChevronRight,
  IconClock,
  IconRefresh,
  IconZoomOut,
} from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/app/commands";
import { language } from "@/i18n";
import { type Range, refreshAll, useRange } from "@/state";
import { refreshChoices } from "@/state/range";
import { date } from "./format";
import { Loading } from "./Loading";
import { quick } from "./quickRanges";
import classes from "./TimePicker.module.css";

const TimePanel = lazy(() => import("./TimePanel"));

/** zoneName is how people call a zone: JST, UTC, CET, GMT+9. */
export function zoneName(zone: string, at: number = Date.now()): string {
  if (zone === "Asia/Tokyo") return "JST";
  if (zone === "UTC" || zone === "Etc/UTC") return "UTC";
  const parts = new Intl.DateTimeFormat(language() === "ja" ? "ja-JP" : "en-US", {
    timeZone: zone,
    timeZoneName: "short",
  }).formatToParts(at);
  return parts.find((p) => p.type === "timeZoneName")?.value ?? zone;
}

/** rangeText says a range as people do: "Last 24 hours", "Today", or both ends in the zone. */
export function useRangeText(): (r: Pick<Range, "from" | "to" | "zone" | "resolve">) => string {
  const { t } = useTranslation();
  return (r) => {
    const known = quick.find((q) => q.from === r.from && q.to === r.to);
    if (known) return t(`time.${known.id}`);
    const { from, to } = r.resolve();
    const end = r.to === "now" ? t("time.now") : date(to, r.zone);
    return `${date(from, r.zone)} – ${end}`;
  };
}

function RefreshMenu({ range }: { range: Range }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton className={classes.part} aria-label={t("time.auto", { every: range.refresh })}>
          {range.refresh !== "off" && <span className={classes.every}>{range.refresh}</span>}
          <IconChevronDown size={13} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("time.refreshEvery")}</Menu.Label>
        {refreshChoices.map((c) => (
          <Menu.Item
            key={c}
            onClick={() => range.setRefresh(c)}
            rightSection={c === range.refresh ? <IconCheck size={14} /> : undefined}
          >
            {c === "off" ? t("time.off") : c}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/**
 * TimePicker is the range of the page with its zone: quick, typed and absolute ranges, back and forward, zoom out, refresh.
 * Its state is the address (useRange). Keys: t opens it, r asks again.
 */
export function TimePicker() {
  const { t } = useTranslation();
  const range = useRange();
  const text = useRangeText();
  const [open, setOpen] = useState(false);
  useCommands([
    { id: "time", title: t("time.label"), keys: "t", group: "page", run: () => setOpen(true) },
    { id: "time-back", title: t("time.back"), group: "page", run: () => range.step(-1) },
    { id: "time-forward", title: t("time.forward"), group: "page", run: () => range.step(1) },
    { id: "time-out", title: t("time.zoomOut"), group: "page", run: range.zoomOut },
  ]);
  return (
    <div className={classes.bar} role="group" aria-label={t("time.label")}>
      <Tooltip label={t("time.back")}>
        <ActionIcon
          className={classes.step}
          aria-label={t("time.back")}
          onClick={() => range.step(-1)}
          visibleFrom="sm"
        >
          <IconChevronLeft size={15} />
        </ActionIcon>
      </Tooltip>
      <Popover
        opened={open}
        onChange={setOpen}
        position="bottom-end"
        trapFocus
        width={560}
        transitionProps={{ duration: 80 }}
      >
        <Popover.Target>
          <UnstyledButton
            className={classes.range}
            onClick={() => setOpen((x) => !x)}
            data-range
            aria-haspopup="dialog"
          >
            <IconClock size={14} stroke={1.8} aria-hidden />
            <span className={classes.text}>{text(range)}</span>
            <span className={classes.zone}>{zoneName(range.zone, range.resolve().to)}</span>
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown p={0} aria-label={t("time.label")} className={classes.dropdown}>
          <Suspense fallback={<Loading height={300} />}>
            <TimePanel range={range} close={() => setOpen(false)} />
          </Suspense>
        </Popover.Dropdown>
      </Popover>
      <Tooltip label={t("time.forward")}>
        <ActionIcon
          className={classes.step}
          aria-label={t("time.forward")}
          onClick={() => range.step(1)}
          visibleFrom="sm"
        >
          <IconChevronRight size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t("time.zoomOut")}>
        <ActionIcon className={classes.step} aria-label={t("time.zoomOut")} onClick={range.zoomOut} visibleFrom="sm">
          <IconZoomOut size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t("commands.refresh")}>
        <ActionIcon className={classes.step} aria-label={t("commands.refresh")} onClick={refreshAll}>
          <IconRefresh size={15} />
        </ActionIcon>
      </Tooltip>
      <RefreshMenu range={range} />
    </div>
  );
}
