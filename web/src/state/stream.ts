import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { type ApiFilter, api, base, type Problem, queryClient } from "@/api";

export type Topic =
  | { topic: "tail"; q: string; filters?: ApiFilter[]; columns?: string[] }
  | { topic: "alerts" }
  | { topic: "intake" }
  | { topic: "jobs" };

export type StreamState = "connecting" | "open" | "lost";
export type StreamHandlers = Record<string, (data: never) => void>;

const names = ["hello", "tail", "alerts", "intake", "job", "lagged", "problem", "end"];

/** One EventSource a tab, shared by all that listen; open only while somebody does. */
class Hub {
  state: StreamState = "connecting";
  private source?: EventSource;
  private id = "";
  private uses = new Map<object, { topics: Topic[]; on: (event: string, data: never) => void }>();
  private listeners = new Set<() => void>();
  private closing?: ReturnType<typeof setTimeout>;
  private told = "";

  subscribe = (fn: () => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };

  private set(state: StreamState) {
    this.state = state;
    for (const fn of this.listeners) fn();
  }

  use(key: object, topics: Topic[], on: (event: string, data: never) => void): () => void {
    this.uses.set(key, { topics, on });
    clearTimeout(this.closing);
    if (!this.source) this.open();
    else this.tell();
    return () => {
      this.uses.delete(key);
      if (this.uses.size > 0) this.tell();
      else this.closing = setTimeout(() => this.close(), 2000);
    };
  }

  private topics(): Topic[] {
    const seen = new Map<string, Topic>();
    for (const u of this.uses.values()) for (const t of u.topics) seen.set(JSON.stringify(t), t);
    return [...seen.values()];
  }

  private open() {
    if (import.meta.env.DEV && sessionStorage.getItem("yagura.fixtures") === "1") return;
    this.source = new EventSource(`${base}/stream`, { withCredentials: true });
    this.source.onerror = () => {
      this.set("lost");
      if (this.source?.readyState === EventSource.CLOSED) this.again();
    };
    for (const name of names) {
      this.source.addEventListener(name, (e) => {
        const data = JSON.parse((e as MessageEvent).data || "null");
        if (name === "hello") {
          this.id = data.id;
          this.told = "";
          if (this.state === "lost") queryClient.invalidateQueries({ refetchType: "active" });
          this.set("open");
          this.tell();
        }
        for (const u of this.uses.values()) u.on(name, data as never);
      });
    }
  }

  private again() {
    this.source?.close();
    this.source = undefined;
    setTimeout(() => this.uses.size > 0 && !this.source && this.open(), 4000);
  }

  private tell() {
    const topics = this.topics();
    const text = JSON.stringify(topics);
    if (!this.id || text === this.told) return;
    this.told = text;
    api("POST /stream/{id}", { path: { id: this.id }, body: { topics } }).catch((e: Problem) => {
      this.told = "";
      if (e.status === 404) this.again();
    });
  }

  private close() {
    this.source?.close();
    this.source = undefined;
    this.id = "";
    this.told = "";
  }
}

declare module "@/api/endpoints" {
  interface Endpoints {
    "POST /stream/{id}": { path: { id: string }; body: { topics: Topic[] }; answer: undefined };
  }
}

const hub = new Hub();

/** useStream listens to topics of the tab's one stream: `useStream([{ topic: "alerts" }], { alerts: (d) => … })`. */
export function useStream(topics: Topic[], handlers: StreamHandlers): void {
  const current = useRef(handlers);
  current.current = handlers;
  const text = JSON.stringify(topics);
  useEffect(() => {
    const parsed = JSON.parse(text) as Topic[];
    if (parsed.length === 0) return;
    return hub.use({}, parsed, (event, data) => current.current[event]?.(data));
  }, [text]);
}

/** useStreamState says whether the tab's stream is up. */
export function useStreamState(): StreamState {
  const read = useMemo(() => () => hub.state, []);
  return useSyncExternalStore(hub.subscribe, read);
}
