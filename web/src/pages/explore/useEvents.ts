import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api, type Problem, problemOf, type QueryAnswer, type QueryRequest, type Scope, type YEvent } from "@/api";
import { stagesAt } from "@/views/query/tokens";
import { firstPage, mostEvents, nextPage } from "./state";

export interface Found {
  /** The first page: statistics, warnings, table. Of the question before while a new one is asked. */
  answer?: QueryAnswer;
  events: YEvent[];
  /** There is more to load, and room for it. */
  more: boolean;
  /** All that is ever held is loaded, though there is more. */
  full: boolean;
  loadMore: () => void;
  loadingMore: boolean;
  /** A question is being asked. */
  busy: boolean;
  /** What is shown is the answer to the question before. */
  stale: boolean;
  /** The reader ended the question. */
  cancelled: boolean;
  problem?: Problem;
  /** A further page could not be loaded; what is there stays. loadMore tries again. */
  moreProblem?: Problem;
  again: () => void;
}

const none: YEvent[] = [];

/** useEvents asks a question and loads further pages by cursor. A new question ends the one before, pages included. */
export function useEvents(scope: Scope, order: "newest" | "oldest", yes: boolean, enabled: boolean): Found {
  const body: QueryRequest = useMemo(
    () => ({
      ...scope,
      order: order === "oldest" ? "oldest" : undefined,
      limit: stagesAt(scope.q) < 0 ? firstPage : undefined,
      yes: yes || undefined,
    }),
    [scope, order, yes],
  );
  const q = useQuery<QueryAnswer, Problem>({
    queryKey: ["POST /query", { body }],
    queryFn: ({ signal }) => api("POST /query", { body }, { signal }),
    placeholderData: keepPreviousData,
    enabled,
  });
  const answer = q.data;
  const [pages, setPages] = useState<{
    of?: QueryAnswer;
    events: YEvent[];
    next?: string;
    busy: boolean;
    problem?: Problem;
  }>({ events: [], busy: false });
  const own = pages.of === answer;
  const next = own ? pages.next : answer?.next;
  const events = own && pages.events.length > 0 ? pages.events : (answer?.events ?? none);
  const running = useRef<AbortController>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer ends the pages of the one before
  useEffect(() => () => running.current?.abort(), [answer]);

  const loadMore = useCallback(() => {
    if (!answer || !next || (own && pages.busy) || events.length >= mostEvents) return;
    const abort = new AbortController();
    running.current = abort;
    setPages({ of: answer, events, next, busy: true });
    api(
      "POST /query",
      { body: { ...body, limit: Math.min(nextPage, mostEvents - events.length), cursor: next } },
      { signal: abort.signal },
    ).then(
      (page) => {
        if (abort.signal.aborted) return;
        const seen = new Set(events.map((e) => e.id));
        const fresh = (page.events ?? []).filter((e) => !seen.has(e.id));
        setPages({ of: answer, events: [...events, ...fresh], next: page.next, busy: false });
      },
      (e) => {
        if (!abort.signal.aborted) setPages({ of: answer, events, next, busy: false, problem: problemOf(e) });
      },
    );
  }, [answer, next, own, pages.busy, events, body]);

  return {
    answer,
    events,
    more: next !== undefined && events.length < mostEvents && !q.isPlaceholderData && !(own && pages.problem),
    full: next !== undefined && events.length >= mostEvents,
    loadMore,
    loadingMore: own && pages.busy,
    busy: q.isFetching,
    stale: q.isPlaceholderData || (q.isFetching && answer !== undefined),
    cancelled: enabled && !q.isFetching && (q.isPending || q.isPlaceholderData) && !q.error,
    problem: q.error ?? undefined,
    moreProblem: own ? pages.problem : undefined,
    again: q.refetch,
  };
}
