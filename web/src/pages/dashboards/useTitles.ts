import { useCallback, useMemo } from "react";
import { useApi } from "@/api";
import { pick } from "@/i18n";

/** useTitles names fields for people from the dictionary. */
export function useTitles(): (field: string) => string | undefined {
  const { data } = useApi("GET /fields/dictionary", {}, { staleTime: 600_000 });
  const by = useMemo(() => new Map((data?.items ?? []).map((f) => [f.name, f])), [data]);
  return useCallback(
    (field: string) => {
      const f = by.get(field);
      return f ? pick(f, "title") || undefined : undefined;
    },
    [by],
  );
}
