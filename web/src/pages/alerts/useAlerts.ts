import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Problem } from "@/api";
import type { StateOf } from "@/state/useUrlState";
import type { Alert, AlertList } from "./endpoints";
import { type spec, statusQuery } from "./state";

export interface AlertPages {
  alerts: Alert[];
  facets?: AlertList["facets"];
  /** There is more to load. */
  more: boolean;
  loadMore: () => void;
  loadingMore: boolean;
  /** What is shown is the answer to the question before. */
  stale: boolean;
  loading: boolean;
  problem?: Problem;
  again: () => void;
}

const none: Alert[] = [];

/** useAlerts asks for the list page by page. An alert that moved while pages were loaded is shown once. */
export function useAlerts(url: StateOf<typeof spec>): AlertPages {
  const query = useMemo(
    () => ({
      status: statusQuery(url.status),
      severity: url.severity.join(",") || undefined,
      rule: url.rule.join(",") || undefined,
      group: url.group || undefined,
      q: url.q || undefined,
      sort: url.sort,
      limit: 100,
    }),
    [url],
  );
  const q = useInfiniteQuery<AlertList, Problem, { pages: AlertList[] }, unknown[], string>({
    queryKey: ["GET /alerts", "pages", query],
    queryFn: ({ signal, pageParam }) =>
      api("GET /alerts", { query: { ...query, cursor: pageParam || undefined } }, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    maxPages: 20,
  });
  const pages = q.data?.pages;
  const alerts = useMemo(() => {
    if (!pages) return none;
    const seen = new Set<string>();
    return pages.flatMap((p) => p.items).filter((a) => !seen.has(a.id) && seen.add(a.id));
  }, [pages]);
  return {
    alerts,
    facets: pages?.at(-1)?.facets,
    more: q.hasNextPage,
    loadMore: () => void q.fetchNextPage(),
    loadingMore: q.isFetchingNextPage,
    stale: q.isPlaceholderData,
    loading: q.isPending,
    problem: q.error ?? undefined,
    again: () => void q.refetch(),
  };
}
