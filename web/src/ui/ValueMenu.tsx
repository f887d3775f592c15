import { Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconCopy,
  IconExternalLink,
  IconFilter,
  IconFilterMinus,
  IconFilterStar,
  IconSearch,
} from "@tabler/icons-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { go } from "@/app/router";
import { entityOf, entityUrl, exploreUrl, type FilterMode, useRange } from "@/state";
import { visible } from "./format";

/** valueProps makes any plain element open the shared menu: `<td {...valueProps("source.ip", ip)}>`. No value: not clickable. */
export function valueProps(field: string, value: unknown): Record<string, string | number> {
  if (value === undefined || value === null || typeof value === "object" || field === "") return {};
  return { "data-field": field, "data-value": String(value), tabIndex: 0, role: "button", "aria-haspopup": "menu" };
}

type Handler = (field: string, value: string, mode: FilterMode) => void;
let handlers: Handler[] = [];
const listeners = new Set<() => void>();

/** useFilterTarget says what "filter for / out / only" do on this page. Without one the menu opens Explore instead. */
export function useFilterTarget(handler: Handler): void {
  const current = useRef(handler);
  current.current = handler;
  useEffect(() => {
    const own: Handler = (...args) => current.current(...args);
    handlers = [...handlers, own];
    for (const fn of listeners) fn();
    return () => {
      handlers = handlers.filter((h) => h !== own);
      for (const fn of listeners) fn();
    };
  }, []);
}

interface Opened {
  field: string;
  value: string;
  x: number;
  y: number;
  from: HTMLElement;
}

function valueAt(target: EventTarget | null): HTMLElement | undefined {
  return (target as Element | null)?.closest?.<HTMLElement>("[data-field][data-value]") ?? undefined;
}

/** ValueMenu is the one menu of all clickable values; the shell holds it. Shift-click filters out at once. */
export function ValueMenu() {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Opened>();
  const [shown, setShown] = useState(false);
  const range = useRange();
  const handler = useSyncExternalStore(
    (fn) => {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    () => handlers.at(-1),
  );
  const act = (field: string, value: string, mode: FilterMode) => {
    if (handler) handler(field, value, mode);
    else
      go(
        exploreUrl({
          filters: [{ field, value, negate: mode === "out" }],
          from: range.from,
          to: range.to,
          tz: range.tz,
        }),
      );
  };
  const current = useRef(act);
  current.current = act;

  useEffect(() => {
    const show = (from: HTMLElement, x: number, y: number) => {
      setOpen({ field: from.dataset.field!, value: from.dataset.value!, x, y, from });
      setShown(true);
    };
    const click = (e: MouseEvent) => {
      const at = valueAt(e.target);
      if (!at || e.button !== 0 || (!e.shiftKey && window.getSelection()?.type === "Range")) return;
      e.preventDefault();
      e.stopPropagation();
      if (e.shiftKey) current.current(at.dataset.field!, at.dataset.value!, "out");
      else if (e.detail === 0) show(at, at.getBoundingClientRect().left, at.getBoundingClientRect().bottom);
      else show(at, e.clientX, e.clientY);
    };
    const key = (e: KeyboardEvent) => {
      if (e.key !== "Enter" && e.key !== " ") return;
      const at = e.target instanceof HTMLElement && e.target.matches("[data-field][data-value]") ? e.target : undefined;
      if (!at) return;
      e.preventDefault();
      e.stopPropagation();
      const box = at.getBoundingClientRect();
      if (e.shiftKey) current.current(at.dataset.field!, at.dataset.value!, "out");
      else show(at, box.left, box.bottom);
    };
    // Shift would draw a selection from where the pointer was before.
    const down = (e: MouseEvent) => e.shiftKey && valueAt(e.target) && e.preventDefault();
    document.addEventListener("mousedown", down, true);
    document.addEventListener("click", click, true);
    document.addEventListener("keydown", key, true);
    return () => {
      document.removeEventListener("mousedown", down, true);
      document.removeEventListener("click", click, true);
      document.removeEventListener("keydown", key, true);
    };
  }, []);

  const entity = open ? entityOf(open.field) : undefined;
  const close = () => {
    setShown(false);
    open?.from.focus?.({ preventScroll: true });
  };
  const copy = async () => {
    await navigator.clipboard?.writeText(open!.value).catch(() => {});
    notifications.show({ message: t("value.copied"), autoClose: 1500 });
  };
  return (
    <Menu
      opened={shown}
      onClose={close}
      position="bottom-start"
      width={260}
      trapFocus
      returnFocus={false}
      offset={4}
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <span
          aria-hidden
          style={{
            position: "fixed",
            left: open?.x ?? 0,
            top: open?.y ?? 0,
            width: 1,
            height: 1,
            pointerEvents: "none",
          }}
        />
      </Menu.Target>
      {open && (
        <Menu.Dropdown data-value-menu aria-label={t("value.menu")}>
          <Menu.Label>
            <div className="y-cut">{open.field}</div>
            <div className="y-mono y-cut" style={{ color: "var(--y-text)" }}>
              {visible(open.value, 120)}
            </div>
          </Menu.Label>
          <Menu.Item leftSection={<IconFilter size={15} />} onClick={() => act(open.field, open.value, "for")}>
            {t("value.for")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFilterMinus size={15} />}
            rightSection={<span className="y-dim">⇧</span>}
            onClick={() => act(open.field, open.value, "out")}
          >
            {t("value.out")}
          </Menu.Item>
          <Menu.Item leftSection={<IconFilterStar size={15} />} onClick={() => act(open.field, open.value, "only")}>
            {t("value.only")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={copy}>
            {t("value.copy")}
          </Menu.Item>
          {entity && (
            <Menu.Item
              leftSection={<IconExternalLink size={15} />}
              onClick={() => go(entityUrl(entity, open.value, { from: range.from, to: range.to }))}
            >
              {t("value.entity")}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconSearch size={15} />}
            onClick={() =>
              go(
                exploreUrl({
                  filters: [{ field: open.field, value: open.value, negate: false }],
                  from: range.from,
                  to: range.to,
                  tz: range.tz,
                }),
              )
            }
          >
            {t("value.explore")}
          </Menu.Item>
        </Menu.Dropdown>
      )}
    </Menu>
  );
}
