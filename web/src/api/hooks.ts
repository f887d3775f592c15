import {
  keepPreviousData,
  QueryCache,
  QueryClient,
  type UseMutationOptions,
  type UseQueryResult,
  useMutation,
  useQuery,
} from "@tanstack/react-query";
import { api } from "./client";
import { serverDown } from "./connection";
import type { Answer, Input, Key } from "./endpoints";
import { Problem, problemOf } from "./problem";

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (e) => {
      if (problemOf(e).offline) serverDown(() => queryClient.invalidateQueries({ refetchType: "active" }));
    },
  }),
  defaultOptions: {
    queries: {
      retry: (count, e) => problemOf(e).offline && count < 2,
      staleTime: 15_000,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: false,
    },
  },
});

export interface ApiOptions {
  enabled?: boolean;
  /** Show the old answer (isPlaceholderData) while a new one loads. On by default. */
  keep?: boolean;
  staleTime?: number;
  /** Ask again every so many ms while the tab is visible. */
  every?: number;
}

/**
 * useApi asks and keeps asking when its input changes; a superseded request is aborted, so its work on the server stops.
 * The old answer stays while the next loads: grey it with `isPlaceholderData`.
 */
export function useApi<K extends Key>(
  key: K,
  input?: Input<K>,
  options: ApiOptions = {},
): UseQueryResult<Answer<K>, Problem> {
  return useQuery<Answer<K>, Problem>({
    queryKey: [key, input ?? {}],
    queryFn: ({ signal }) => api(key, input, { signal }),
    enabled: options.enabled,
    staleTime: options.staleTime,
    refetchInterval: options.every,
    placeholderData: options.keep === false ? undefined : (keepPreviousData as never),
  });
}

/** useAction is a call that changes something: `const save = useAction("POST /users", { onSuccess })`. */
export function useAction<K extends Key>(
  key: K,
  options: Omit<UseMutationOptions<Answer<K>, Problem, Input<K>>, "mutationFn"> & { refresh?: Key[] } = {},
) {
  const { refresh, onSuccess, ...rest } = options;
  return useMutation<Answer<K>, Problem, Input<K>>({
    mutationFn: (input) => api(key, input),
    ...rest,
    onSuccess: (...args) => {
      for (const k of refresh ?? []) queryClient.invalidateQueries({ queryKey: [k] });
      return onSuccess?.(...args);
    },
  });
}

export { Problem, problemOf };
