import { TextInput, UnstyledButton } from "@mantine/core";
import {
  IconChartBar,
  IconCircle,
  IconCircleDashed,
  IconFilterMinus,
  IconFilterPlus,
  IconFilterStar,
} from "@tabler/icons-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Scope, useApi, type Value } from "@/api";
import type { FilterMode } from "@/state";
import { ErrorState, Loading } from "@/ui";
import { cell, compact, country, num, percent } from "@/ui/format";
import { plain } from "@/ui/visible";
import classes from "./FieldValues.module.css";

export interface FieldValuesProps {
  field: string;
  scope: Scope;
  yes?: boolean;
  onFilter: (field: string, value: Value, mode: FilterMode) => void;
  onExists: (field: string, exists: boolean) => void;
  onBy?: (field: string) => void;
}

/** FieldValues shows the most frequent values of a field with count and share; + − only for each, and "has it". */
export function FieldValues({ field, scope, yes, onFilter, onExists, onBy }: FieldValuesProps) {
  const { t } = useTranslation("explore");
  const [typed, setTyped] = useState("");
  const [limit, setLimit] = useState(10);
  const contains = useDeferredValue(typed.trim());
  const { data, error, refetch, isPlaceholderData } = useApi("POST /fields/values", {
    body: { ...scope, field, limit, contains: contains || undefined, yes: yes || undefined },
  });
  if (error) return <ErrorState problem={error} retry={refetch} small />;
  const same = data?.field === field ? data : undefined;
  return (
    <div className={classes.values} data-values={field}>
      <div className={classes.tools}>
        <UnstyledButton
          onClick={() => onExists(field, true)}
          title={t("fields.exists")}
          aria-label={t("fields.exists")}
        >
          <IconCircle size={13} />
        </UnstyledButton>
        <UnstyledButton
          onClick={() => onExists(field, false)}
          title={t("fields.missing")}
          aria-label={t("fields.missing")}
        >
          <IconCircleDashed size={13} />
        </UnstyledButton>
        {onBy && (
          <UnstyledButton onClick={() => onBy(field)} title={t("fields.by")} aria-label={t("fields.by")}>
            <IconChartBar size={13} />
          </UnstyledButton>
        )}
        <span className={classes.facts}>
          {same?.distinct !== undefined &&
            t("fields.distinct", { count: same.distinct, shown: compact(same.distinct) })}
        </span>
      </div>
      {((same?.more ?? false) || typed !== "") && (
        <TextInput
          size="xs"
          mb={4}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
          placeholder={t("fields.find")}
          aria-label={t("fields.find")}
        />
      )}
      {!same ? (
        <Loading rows={4} />
      ) : (
        <ul className={isPlaceholderData ? "y-stale" : undefined}>
          {same.values.map((v, i) => {
            const text = plain(v.value);
            const shown = field.endsWith("country_iso_code") ? `${text} ${country(text)}` : cell(v.value);
            return (
              <li key={`${i} ${text.slice(0, 80)}`} className={classes.value}>
                <div className={classes.head}>
                  <bdi className="y-cut y-mono" title={shown} data-field={field} data-value={text}>
                    {shown}
                  </bdi>
                  <span className={classes.count} title={num(v.count)}>
                    {percent(v.share ?? 0)} <b>{compact(v.count)}</b>
                  </span>
                </div>
                <div className={classes.track} aria-hidden>
                  <i style={{ width: `${Math.max(0.5, (v.share ?? 0) * 100)}%` }} />
                </div>
                <div className={classes.actions}>
                  <UnstyledButton
                    aria-label={t("fields.for", { value: shown })}
                    onClick={() => onFilter(field, v.value, "for")}
                  >
                    <IconFilterPlus size={14} />
                  </UnstyledButton>
                  <UnstyledButton
                    aria-label={t("fields.out", { value: shown })}
                    onClick={() => onFilter(field, v.value, "out")}
                  >
                    <IconFilterMinus size={14} />
                  </UnstyledButton>
                  <UnstyledButton
                    aria-label={t("fields.only", { value: shown })}
                    onClick={() => onFilter(field, v.value, "only")}
                  >
                    <IconFilterStar size={14} />
                  </UnstyledButton>
                </div>
              </li>
            );
          })}
          {same.values.length === 0 && <li className="y-dim">{t("fields.none")}</li>}
        </ul>
      )}
      {same?.more && limit < 100 && (
        <UnstyledButton className={classes.more} onClick={() => setLimit(limit < 50 ? 50 : 100)}>
          {t("fields.more")}
        </UnstyledButton>
      )}
    </div>
  );
}
