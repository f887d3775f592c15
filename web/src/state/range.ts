import { useCallback, useEffect, useMemo, useState } from "react";
import { queryClient, useApi } from "@/api";
import { browserZone, isZone, readTime, writeEnd, writeTime } from "./time";
import { oneOf, text, useUrlState } from "./useUrlState";

export const refreshChoices = ["off", "5s", "10s", "30s", "1m", "5m"] as const;
export type Refresh = (typeof refreshChoices)[number];

const spec = { from: text("now-24h"), to: text("now"), tz: text(""), refresh: oneOf(refreshChoices, "off") };
const seconds: Record<Refresh, number> = { off: 0, "5s": 5, "10s": 10, "30s": 30, "1m": 60, "5m": 300 };

export interface Range {
  /** As typed: now-24h, now/d, 2026-11-01 09:00. Requests carry these. */
  from: string;
  to: string;
  /** IANA name in use. */
  zone: string;
  /** What the address says: "" (the user's own), "browser" or an IANA name. */
  tz: string;
  refresh: Refresh;
  /** The end is "now": the range moves. */
  live: boolean;
  /** The range in milliseconds since 1970 at this moment. */
  resolve: () => { from: number; to: number };
  set: (range: { from: string; to: string }) => void;
  /** Absolute range in ms, for example from a brush. */
  setMs: (from: number, to: number) => void;
  setTz: (tz: string) => void;
  setRefresh: (refresh: Refresh) => void;
  /** Moves back (-1) or forward (1) by the width of the range. */
  step: (direction: -1 | 1) => void;
  /** Twice as wide around the middle; a live range stays live. */
  zoomOut: () => void;
  /** What a request carries: {from, to, zone}. Stable while nothing changes. */
  scope: { from: string; to: string; zone: string };
}

/** refreshAll asks again for all that is on the page. */
export function refreshAll(): void {
  queryClient.invalidateQueries({ refetchType: "active" });
}

/** useZone gives the IANA zone in use: the address's, else the user's, else the browser's. */
export function useZone(): string {
  const [{ tz }] = useUrlState(spec);
  const me = useApi("GET /me", {}, { staleTime: Infinity });
  const own = me.data && !me.data.open && me.data.zone !== "browser" ? me.data.zone : localZone();
  return pickZone(tz, own);
}

function localZone(): string {
  return localStorage.getItem("yagura.zone") ?? "browser";
}

function pickZone(tz: string, own: string | undefined): string {
  for (const z of [tz, own]) {
    if (z === "browser") return browserZone();
    if (z && isZone(z)) return z;
  }
  return browserZone();
}

/** useRange is the time range of the page, kept in the address: from, to, tz, refresh. */
export function useRange(): Range {
  const [{ from, to, tz, refresh }, set] = useUrlState(spec);
  const zone = useZone();
  const resolve = useCallback(() => {
    const now = Date.now();
    const start = readTime(from, now, zone) ?? now - 86_400_000;
    return { from: start, to: readTime(to, now, zone, true) ?? now };
  }, [from, to, zone]);
  const setMs = useCallback(
    (a: number, b: number) => set({ from: writeTime(Math.min(a, b), zone), to: writeEnd(Math.max(a, b), zone) }),
    [set, zone],
  );
  const scope = useMemo(() => ({ from, to, zone }), [from, to, zone]);
  const live = to.startsWith("now") && !to.startsWith("now-");
  return {
    from,
    to,
    tz,
    zone,
    refresh,
    live,
    scope,
    resolve,
    set,
    setMs,
    setTz: (next) => set({ tz: next }),
    setRefresh: (next) => set({ refresh: next }, { replace: true }),
    step: (direction) => {
      const r = resolve();
      const width = (r.to - r.from) * direction;
      setMs(r.from + width, r.to + width);
    },
    zoomOut: () => {
      const r = resolve();
      const half = (r.to - r.from) / 2;
      if (to === "now") set({ from: writeTime(r.from - 2 * half, zone), to: "now" });
      else setMs(r.from - half, r.to + half);
    },
  };
}

/** useAutoRefresh runs the range's refresh interval while the tab is visible. The shell calls it once. */
export function useAutoRefresh(): void {
  const [{ refresh }] = useUrlState(spec);
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const changed = () => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", changed);
    return () => document.removeEventListener("visibilitychange", changed);
  }, []);
  useEffect(() => {
    const every = seconds[refresh];
    if (!every || !visible) return;
    const timer = setInterval(refreshAll, every * 1000);
    return () => clearInterval(timer);
  }, [refresh, visible]);
}
