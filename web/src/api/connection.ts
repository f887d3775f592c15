import { useSyncExternalStore } from "react";

/** Whether the server answers at all. Down: it is asked every 3 s, and what is shown is asked for anew once it answers. */
let down = false;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function set(next: boolean) {
  if (next === down) return;
  down = next;
  for (const fn of listeners) fn();
}

/** serverDown is told of every request that found no server; `again` is what to do when it is back. */
export function serverDown(again: () => void): void {
  set(true);
  if (timer) return;
  const ask = async () => {
    timer = undefined;
    const answered = await fetch("/readyz", { cache: "no-store" }).then(
      (r) => r.status !== 502 && r.status !== 504,
      () => false,
    );
    if (!answered) {
      timer = setTimeout(ask, 3000);
      return;
    }
    set(false);
    again();
  };
  timer = setTimeout(ask, 1000);
}

export function useServerDown(): boolean {
  return useSyncExternalStore(
    (fn) => {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    () => down,
  );
}
