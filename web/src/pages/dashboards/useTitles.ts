import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "@/api";
import { pick } from "@/i18n";

/** useTitles names fields for people: common ones shortly, others from the dictionary when that is short enough for a heading. */
export function useTitles(): (field: string) => string | undefined {
  const { data } = useApi("GET /fields/dictionary", {}, { staleTime: 600_000 });
  const { t, i18n } = useTranslation("charts");
  const by = useMemo(() => new Map((data?.items ?? []).map((f) => [f.name, f])), [data]);
  return useCallback(
    (field: string) => {
      const key = field.replaceAll(".", "_");
      if (i18n.exists(`charts:field.${key}`)) return t(`field.${key}`);
      const f = by.get(field);
      const title = f ? pick(f, "title") : "";
      return title && title.length <= 22 ? title : undefined;
    },
    [by, t, i18n],
  );
}
