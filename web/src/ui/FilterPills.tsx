import { Button, CloseButton, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Filters, formatFilter } from "@/state";
import classes from "./FilterPills.module.css";
import { visible } from "./format";

/** FilterPills shows the clicked conditions; the pill turns into its opposite, the cross removes it. Give it useFilters(). */
export function FilterPills({ filters, flip, remove, clear }: Pick<Filters, "filters" | "flip" | "remove" | "clear">) {
  const { t } = useTranslation();
  if (filters.length === 0) return null;
  return (
    <div className={classes.pills} role="group" aria-label={t("filters.label")}>
      {filters.map((f, i) => {
        const text = formatFilter(f);
        const value = f.value === undefined ? t("filters.exists") : visible(f.value, 80);
        return (
          <span key={text} className={classes.pill} data-negate={f.negate || undefined} data-filter={text}>
            <UnstyledButton
              className={classes.text}
              onClick={() => flip(i)}
              title={t(f.negate ? "filters.include" : "filters.exclude")}
              aria-description={t(f.negate ? "filters.isNot" : "filters.is", { field: f.field, value })}
            >
              {f.negate && <b className={classes.not}>{t("filters.not")}</b>}
              <span className={classes.field}>{f.field}</span>
              <span className={classes.value}>{value}</span>
            </UnstyledButton>
            <CloseButton
              size={24}
              iconSize={13}
              aria-label={t("filters.remove", { filter: text })}
              onClick={() => remove(i)}
            />
          </span>
        );
      })}
      {filters.length > 1 && (
        <Button variant="subtle" size="compact-xs" onClick={clear}>
          {t("filters.clear")}
        </Button>
      )}
    </div>
  );
}
