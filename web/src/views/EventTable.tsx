import { VisuallyHidden } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  memo,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import type { Value, YEvent } from "@/api";
import { useCommands } from "@/app/commands";
import { date, num } from "@/ui/format";
import { visible } from "@/ui/visible";
import { keepWidth, moveColumn, readKept, textColumn, timeColumn, toggleColumn, typeColumn, widthOf } from "./columns";
import { EventDetail } from "./EventDetail";
import classes from "./EventTable.module.css";
import { columnValue, sentence } from "./eventText";
import { HeaderCell } from "./HeaderCell";

export interface EventTableProps {
  events: YEvent[];
  /** Names of fields, or "@time", "@type", "@text" (see columns.ts). */
  columns: string[];
  /** Absent: the columns are fixed, no cross, no moving. */
  onColumns?: (columns: string[]) => void;
  /** IANA name for times. */
  zone: string;
  /** What the table is, for screen readers. */
  label: string;
  order?: "newest" | "oldest";
  onOrder?: (order: "newest" | "oldest") => void;
  /** Called near the end of what is loaded; only while there is more. */
  onMore?: () => void;
  loadingMore?: boolean;
  /** Said below the last row: that it was the last, or why there are no more. */
  footer?: ReactNode;
  /** The row to open at first (from the address), and what was opened last. */
  open?: string;
  onOpen?: (id: string | undefined) => void;
  /** What a row opens into. Default: EventDetail with its actions. */
  detail?: (event: YEvent) => ReactNode;
  /** Registers j k o x for this table: give it to one table of a page. */
  keys?: boolean;
  /** Ids of rows chosen with x or the mouse + ctrl. Absent: rows cannot be chosen. */
  chosen?: ReadonlySet<string>;
  onChosen?: (ids: ReadonlySet<string>) => void;
  /** A new answer is on its way. */
  stale?: boolean;
  /** Title of a field for the tooltip of its heading. */
  titleOf?: (field: string) => string | undefined;
  /** CSS height; default fills the parent, which must have one. */
  height?: number | string;
  scroller?: RefObject<HTMLDivElement | null>;
  onScroll?: (top: number) => void;
}

const rowHeight = 28;

/**
 * EventTable is the virtual list of events: only the rows in view are in the page, cells are plain elements, and the shell's one
 * ValueMenu does the actions of all values. A row opens into its detail by click, Enter or "o".
 */
export function EventTable(props: EventTableProps) {
  const { events, columns, zone, onMore, loadingMore, keys, chosen, onChosen, onOpen } = props;
  const { t } = useTranslation("explore");
  const own = useRef<HTMLDivElement>(null);
  const scroller = props.scroller ?? own;
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(() => new Set(props.open ? [props.open] : []));
  const [current, setCurrent] = useState(-1);
  const [widths, setWidths] = useState(() => readKept().widths);
  const openNow = props.open;

  useEffect(() => {
    if (openNow) setExpanded((e) => (e.has(openNow) ? e : new Set([...e, openNow])));
  }, [openNow]);

  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (i) => events[i]?.id ?? i,
    overscan: 10,
    // The sticky heading takes its height from the rows.
    scrollPaddingEnd: rowHeight + 6,
  });

  // The row of the address is brought into view once, when it is first there.
  const wanted = useRef(openNow);
  useEffect(() => {
    if (!wanted.current) return;
    const i = events.findIndex((e) => e.id === wanted.current);
    if (i < 0) return;
    wanted.current = undefined;
    setCurrent(i);
    if (i > 5) virtual.scrollToIndex(i, { align: "start" });
  }, [events, virtual]);

  const toggle = useCallback(
    (i: number, id: string) => {
      setCurrent(i);
      const opens = !expanded.has(id);
      const next = new Set(expanded);
      if (opens) next.add(id);
      else {
        next.delete(id);
        virtual.resizeItem(i, rowHeight);
      }
      setExpanded(next);
      onOpen?.(opens ? id : [...next].at(-1));
    },
    [expanded, onOpen, virtual],
  );
  const choose = (id: string) => {
    if (!chosen || !onChosen) return;
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChosen(next);
  };

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (onMore && !loadingMore && last >= events.length - 40 && events.length > 0) onMore();
  }, [onMore, loadingMore, last, events.length]);

  // The detail is as wide as what is seen, not as all columns together.
  useEffect(() => {
    const el = scroller.current;
    if (!el) return;
    const watch = new ResizeObserver(() => el.style.setProperty("--seen", `${el.clientWidth}px`));
    watch.observe(el);
    return () => watch.disconnect();
  }, [scroller]);

  const move = (by: number) => {
    const next = Math.min(events.length - 1, Math.max(0, current + by));
    setCurrent(next);
    virtual.scrollToIndex(next, { align: "auto" });
  };
  const at = events[current];
  useCommands(
    keys
      ? [
          { id: "row.next", title: t("keys.next"), keys: "j", group: "page", hidden: true, run: () => move(1) },
          {
            id: "row.previous",
            title: t("keys.previous"),
            keys: "k",
            group: "page",
            hidden: true,
            run: () => move(-1),
          },
          {
            id: "row.open",
            title: t("keys.open"),
            keys: "o",
            group: "page",
            hidden: true,
            run: () => at && toggle(current, at.id),
          },
          {
            id: "row.choose",
            title: t("keys.choose"),
            keys: "x",
            group: "page",
            hidden: true,
            run: () => at && choose(at.id),
          },
        ]
      : [],
  );

  const template = useMemo(
    () =>
      [
        ...columns.map((c, i) =>
          i === columns.length - 1 ? `minmax(${widthOf(c, widths)}px, 1fr)` : `${widthOf(c, widths)}px`,
        ),
      ].join(" "),
    [columns, widths],
  );
  const total = columns.reduce((n, c) => n + widthOf(c, widths), 0) + 26;
  const click = (e: React.MouseEvent) => {
    const row = (e.target as Element).closest<HTMLElement>("[data-row]");
    if (!row || (e.target as Element).closest("[data-detail]") || window.getSelection()?.type === "Range") return;
    const i = Number(row.dataset.row);
    const event = events[i];
    if (!event) return;
    if ((e.ctrlKey || e.metaKey) && chosen) choose(event.id);
    else toggle(i, event.id);
  };
  const press = (e: React.KeyboardEvent) => {
    if (e.target !== e.currentTarget) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      move(e.key === "ArrowDown" ? 1 : -1);
    } else if (e.key === "Enter" && at) toggle(current, at.id);
  };

  return (
    // The rows are read one by one; Enter opens. Values have their actions again, with buttons, in the opened row.
    <div
      ref={scroller}
      className={classes.scroll}
      style={{ height: props.height ?? "100%", "--cols": template, "--total": `${total}px` } as CSSProperties}
      role="table"
      aria-label={props.label}
      aria-rowcount={events.length + 1}
      tabIndex={0}
      onClick={click}
      onKeyDown={press}
      onScroll={(e) => props.onScroll?.(e.currentTarget.scrollTop)}
      data-event-table
      data-stale={props.stale || undefined}
    >
      <div className={classes.head} role="rowgroup">
        <div className={classes.headRow} role="row" aria-rowindex={1}>
          <span role="columnheader" className={classes.mark}>
            <VisuallyHidden>{t("table.state")}</VisuallyHidden>
          </span>
          {columns.map((c) => (
            <HeaderCell
              key={c}
              column={c}
              title={props.titleOf?.(c)}
              width={widthOf(c, widths)}
              order={c === timeColumn ? props.order : undefined}
              onOrder={props.onOrder}
              onWidth={(w, done) => {
                setWidths((old) => ({ ...old, [c]: w }));
                if (done) keepWidth(c, w);
              }}
              onRemove={
                props.onColumns && c !== timeColumn ? () => props.onColumns!(toggleColumn(columns, c)) : undefined
              }
              onMove={
                props.onColumns ? (name, before) => props.onColumns!(moveColumn(columns, name, before)) : undefined
              }
              neighbours={[columns[columns.indexOf(c) - 1], columns[columns.indexOf(c) + 2]]}
            />
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative", minWidth: "var(--total)" }}>
        {items.map((item) => {
          const event = events[item.index]!;
          const isOpen = expanded.has(event.id);
          return (
            <div
              key={item.key}
              ref={isOpen ? virtual.measureElement : undefined}
              data-index={item.index}
              data-row={item.index}
              className={classes.row}
              role="row"
              aria-rowindex={item.index + 2}
              data-current={item.index === current || undefined}
              data-open={isOpen || undefined}
              data-chosen={chosen?.has(event.id) || undefined}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Cells
                event={event}
                columns={columns}
                zone={zone}
                open={isOpen}
                more={t("table.more")}
                state={t(isOpen ? "table.opened" : "table.closed")}
              />
              {isOpen && (
                <div className={classes.detail} role="cell" data-detail>
                  {props.detail ? (
                    props.detail(event)
                  ) : (
                    <EventDetail event={event} zone={zone} columns={columns} onColumns={props.onColumns} />
                  )}
                </div>
              )}
            </div>
          );
        })}
      </div>
      {(loadingMore || props.footer) && (
        <div role="rowgroup" className={classes.footer}>
          <div role="row">
            <div role="cell" aria-live="polite">
              {loadingMore ? t("table.loading", { count: events.length, shown: num(events.length) }) : props.footer}
            </div>
          </div>
        </div>
      )}
    </div>
  );
}

const tones: Record<string, string> = {
  block: "bad",
  blocked: "bad",
  deny: "bad",
  denied: "bad",
  reject: "bad",
  failure: "bad",
  drop: "bad",
  error: "bad",
  allow: "good",
  allowed: "good",
  accept: "good",
  success: "good",
  pass: "good",
  count: "warn",
  captcha: "warn",
  challenge: "warn",
};

/** The cells of one row; made again only when the event, the columns or the zone change. */
const Cells = memo(function Cells({
  event,
  columns,
  zone,
  open,
  more,
  state,
}: {
  event: YEvent;
  columns: string[];
  zone: string;
  open: boolean;
  more: string;
  state: string;
}) {
  return (
    <div className={classes.cells} role="none">
      <span role="cell" className={classes.mark}>
        <i data-open={open || undefined} aria-label={state} role="img" />
      </span>
      {columns.map((c) => {
        if (c === timeColumn)
          return (
            <span key={c} role="cell" className={classes.time}>
              {date(event.time, zone, "milli")}
            </span>
          );
        if (c === typeColumn)
          return (
            <span key={c} role="cell" className={classes.cell}>
              <span data-field="event.module" data-value={event.type} className={classes.type}>
                {event.type}
              </span>
            </span>
          );
        if (c === textColumn)
          return (
            <span key={c} role="cell" className={classes.text}>
              {visible(sentence(event), 600)}
            </span>
          );
        return (
          <span key={c} role="cell" className={classes.cell}>
            {cellOf(event, c, columnValue(event, c), more)}
          </span>
        );
      })}
    </div>
  );
});

function cellOf(event: YEvent, column: string, value: Value | undefined, more: string): ReactNode {
  if (value === undefined || value === null) return <span className={classes.none}>–</span>;
  const list = Array.isArray(value) ? value : [value];
  const cut = event.cut?.includes(column);
  return (
    <>
      {list.slice(0, 5).map((v, i) => {
        const text = String(v);
        const filter = cut || text.length > 4000 ? {} : { "data-field": column, "data-value": text };
        return (
          <span key={i} className={classes.value} data-tone={tones[text.toLowerCase()]} {...filter}>
            {visible(text, 300)}
          </span>
        );
      })}
      {list.length > 5 && <span className={classes.none}>{` +${list.length - 5} ${more}`}</span>}
    </>
  );
}
