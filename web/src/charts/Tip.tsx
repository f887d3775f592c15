import { useEffect, useRef, useState } from "react";
import classes from "./charts.module.css";

/**
 * TipLayer shows the box of the element under the pointer or with the focus: `data-tip="Japan\n26,393 requests"`. One for all charts of a
 * page; lines are text, never HTML.
 */
export function TipLayer() {
  const [tip, setTip] = useState<{ text: string; x: number; y: number }>();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const find = (target: EventTarget | null) => (target as Element | null)?.closest?.("[data-tip]");
    const move = (e: PointerEvent) => {
      const at = find(e.target);
      const text = at?.getAttribute("data-tip");
      setTip(text && e.pointerType !== "touch" ? { text, x: e.clientX, y: e.clientY } : undefined);
    };
    const focus = (e: FocusEvent) => {
      const at = find(e.target);
      if (!at || !(at as HTMLElement).matches(":focus-visible")) return setTip(undefined);
      const r = at.getBoundingClientRect();
      setTip({ text: at.getAttribute("data-tip")!, x: r.left + r.width / 2, y: r.bottom });
    };
    const hide = () => setTip(undefined);
    document.addEventListener("pointermove", move, { passive: true });
    document.addEventListener("focusin", focus);
    document.addEventListener("scroll", hide, { passive: true, capture: true });
    document.addEventListener("pointerdown", hide);
    return () => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("focusin", focus);
      document.removeEventListener("scroll", hide, { capture: true });
      document.removeEventListener("pointerdown", hide);
    };
  }, []);
  if (!tip) return null;
  const [head, ...rest] = tip.text.split("\n");
  const left = Math.min(tip.x + 14, window.innerWidth - 280);
  const above = tip.y > window.innerHeight - 120;
  return (
    <div
      ref={box}
      className={classes.tip}
      style={{
        left: Math.max(8, left),
        ...(above ? { bottom: window.innerHeight - tip.y + 12 } : { top: tip.y + 16 }),
      }}
      aria-hidden
    >
      <b>{head}</b>
      {rest.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}

/** move focuses the next or last of a group's stops with the arrow keys, so that a chart with many shapes is one stop of Tab. */
export function roving(e: React.KeyboardEvent<Element>): void {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
  const all = [...e.currentTarget.querySelectorAll<HTMLElement | SVGElement>("[data-stop]")].sort(
    (a, b) => Number(a.dataset.stop) - Number(b.dataset.stop),
  );
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  if (e.key === "Enter" || e.key === " ") {
    if (all[at] instanceof HTMLButtonElement) return;
    e.preventDefault();
    all[at]!.dispatchEvent(
      new MouseEvent("click", { bubbles: true, shiftKey: e.shiftKey, altKey: e.altKey, cancelable: true }),
    );
    return;
  }
  const next = e.key === "Home" ? 0 : e.key === "End" ? all.length - 1 : by === undefined ? -1 : at + by;
  const to = all[next];
  if (!to) return;
  e.preventDefault();
  all[at]!.setAttribute("tabindex", "-1");
  to.setAttribute("tabindex", "0");
  to.focus();
}

/** useSize follows the size of an element. */
export function useSize<T extends Element>(): [React.RefObject<T | null>, { width: number; height: number }] {
  const ref = useRef<T>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const el = ref.current;
    if (!el) return;
    const read = () => {
      const r = el.getBoundingClientRect();
      setSize((s) => (Math.abs(s.width - r.width) < 1 && Math.abs(s.height - r.height) < 1 ? s : r));
    };
    read();
    const watch = new ResizeObserver(read);
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  return [ref, size];
}
