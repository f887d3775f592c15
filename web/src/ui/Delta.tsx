import { useTranslation } from "react-i18next";
import classes from "./Delta.module.css";
import { num, percent } from "./format";

export interface DeltaProps {
  now: number;
  before: number;
  /** Whether a rise is good, bad or neither; colour only adds to arrow and number. */
  mood?: "up_is_bad" | "up_is_good" | "neutral";
  /** What it is compared with, already translated: "yesterday". */
  than?: string;
  format?: (n: number) => string;
}

/** Delta shows the change against another time: arrow, difference, percent, and the value then in the tooltip. */
export function Delta({ now, before, mood = "neutral", than, format = num }: DeltaProps) {
  const { t } = useTranslation();
  const diff = now - before;
  const arrow = diff > 0 ? "▲" : diff < 0 ? "▼" : "＝";
  const feel = diff === 0 || mood === "neutral" ? "neutral" : diff > 0 === (mood === "up_is_good") ? "good" : "bad";
  const sign = diff > 0 ? "+" : "";
  const share = before === 0 ? (now === 0 ? "" : t("delta.fromZero")) : `${sign}${percent(diff / before)}`;
  return (
    <span className={classes.delta} data-feel={feel} title={t("delta.was", { value: format(before) })}>
      <span aria-hidden>{arrow}</span>
      <span>{diff === 0 ? t("delta.same") : `${sign}${format(diff)}`}</span>
      {diff !== 0 && share && <span>({share})</span>}
      {than && <span className={classes.than}>{than}</span>}
    </span>
  );
}
