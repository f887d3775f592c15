import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { Problem } from "@/api";
import { apiStream } from "@/api/client";
import type { Choices, PanelAnswer } from "@/charts/model";
import type { BoardAnswer, BoardRun } from "./endpoints";

/** What a panel shows: its last answer, and whether that answers the question asked now. */
export interface Shown {
  answer?: PanelAnswer;
  fresh: boolean;
}

interface Whole {
  panels: Map<string, PanelAnswer>;
  rest: BoardAnswer;
}

const nothing: Shown = { fresh: false };

/** BoardStore holds the answers of one page. Panels listen to their own, so an answer draws one panel and not the page. */
export class BoardStore {
  private shown = new Map<string, Shown>();
  private listeners = new Set<() => void>();
  /** The question asked now; answers to another are dropped. */
  current = "";
  variables: Record<string, Choices> = {};
  rest: BoardAnswer | undefined;
  arrived = 0;

  subscribe = (fn: () => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };
  panel = (id: string): Shown => this.shown.get(id) ?? nothing;

  private tell() {
    for (const fn of this.listeners) fn();
  }

  begin(key: string) {
    this.current = key;
    this.arrived = 0;
    for (const [id, s] of this.shown) this.shown.set(id, { answer: s.answer, fresh: false });
    this.tell();
  }

  take(key: string, id: string, answer: PanelAnswer) {
    if (key !== this.current) return;
    this.shown.set(id, { answer, fresh: true });
    this.arrived++;
    this.tell();
  }

  finish(key: string, whole: Whole) {
    if (key !== this.current) return;
    let changed = this.rest !== whole.rest;
    for (const [id, answer] of whole.panels) {
      if (this.shown.get(id)?.answer === answer && this.shown.get(id)?.fresh) continue;
      this.shown.set(id, { answer, fresh: true });
      changed = true;
    }
    if (!changed) return;
    this.rest = whole.rest;
    this.variables = whole.rest.variables ?? this.variables;
    this.arrived = whole.panels.size;
    this.tell();
  }
}

export interface Board {
  store: BoardStore;
  busy: boolean;
  problem?: Problem;
  again: () => void;
}

/** useBoard asks all panels in one request and takes each as it comes; a superseded request is aborted, so its work on the server stops. */
export function useBoard(input: BoardRun | undefined): Board {
  const [store] = useState(() => new BoardStore());
  const key = useMemo(() => JSON.stringify(input ?? null), [input]);
  const query = useQuery<Whole, Problem>({
    queryKey: ["board", key],
    enabled: input !== undefined,
    staleTime: 15_000,
    gcTime: 60_000,
    queryFn: async ({ signal }) => {
      store.begin(key);
      const panels = new Map<string, PanelAnswer>();
      let rest: BoardAnswer | undefined;
      await apiStream(
        "POST /dashboards/run",
        { body: input },
        (e) => {
          if (e.event === "panel") {
            const { id, panel } = e.data as { id: string; panel: PanelAnswer };
            panels.set(id, panel);
            store.take(key, id, panel);
          } else if (e.event === "done") rest = e.data as BoardAnswer;
          else if (e.event === "problem") {
            const p = e.data as Record<string, unknown>;
            throw new Problem(Number(p.status) || 500, p);
          }
        },
        { signal },
      );
      if (!rest) throw new Problem(0, { title: "offline" });
      return { panels, rest };
    },
  });
  useEffect(() => {
    if (!query.data) return;
    // An answer from the cache (back button) begins nothing: it is there at once.
    if (store.current !== key && !query.isFetching) store.current = key;
    if (!query.isFetching) store.finish(key, query.data);
  }, [query.data, query.isFetching, key, store]);
  return { store, busy: query.isFetching, problem: query.error ?? undefined, again: () => void query.refetch() };
}

export function usePanel(store: BoardStore, id: string): Shown {
  return useSyncExternalStore(store.subscribe, () => store.panel(id));
}

export function useArrived(store: BoardStore): number {
  return useSyncExternalStore(store.subscribe, () => store.arrived);
}

export function useChoices(store: BoardStore): Record<string, Choices> {
  return useSyncExternalStore(store.subscribe, () => store.variables);
}

export function useRest(store: BoardStore): BoardAnswer | undefined {
  return useSyncExternalStore(store.subscribe, () => store.rest);
}
