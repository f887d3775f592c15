import { useEffect, useRef, useState } from "react";
import { api, type Problem, problemOf } from "@/api";
import "./endpoints";
import type { RuleCheck } from "./endpoints";

export interface Checked {
  /** About which text the result is. */
  of?: string;
  result?: RuleCheck;
  problem?: Problem;
  /** The text changed since, or is being read. */
  busy: boolean;
}

/** useCheck has the server read a text and run its tests, 400 ms after typing ended; an older question is given up. */
export function useCheck(text: string): Checked {
  const [state, setState] = useState<Omit<Checked, "busy">>({});
  const first = useRef(true);
  useEffect(() => {
    if (text.trim() === "") return;
    const abort = new AbortController();
    const wait = first.current ? 0 : 400;
    first.current = false;
    const timer = setTimeout(() => {
      api("POST /rules/check", { body: { yaml: text } }, { signal: abort.signal }).then(
        (result) => !abort.signal.aborted && setState({ of: text, result }),
        (e) => !abort.signal.aborted && setState((s) => ({ ...s, of: text, problem: problemOf(e) })),
      );
    }, wait);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return { ...state, busy: state.of !== text };
}
