import { useTranslation } from "react-i18next";
import type { AlertStatus, Severity } from "@/api";
import classes from "./severity.module.css";

export const severities: Severity[] = ["critical", "high", "medium", "low", "informational"];

const shapes: Record<Severity, string> = {
  critical: "M1.500 1.500h13v13h-13z",
  high: "M8 1.500 15 14H1z",
  medium: "M8 1l7 7-7 7-7-7z",
  low: "M1.500 3h13L8 14z",
  informational: "M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11z",
};

/** The shape of a severity alone, for tight places; give the text nearby. */
export function SeverityMark({ level, size = 11 }: { level: Severity; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" style={{ flex: "none" }}>
      <path
        d={shapes[level] ?? shapes.informational}
        fill={level === "informational" ? "none" : `var(--y-sev-${level})`}
        stroke={`var(--y-sev-${level})`}
        strokeWidth="1.6"
        strokeLinejoin="round"
      />
      {level === "critical" && (
        <path d="M8 4v5M8 12v.2" stroke="var(--y-panel)" strokeWidth="2.4" strokeLinecap="round" />
      )}
    </svg>
  );
}

/** Shape, colour and word of a severity; the same everywhere. */
export function SeverityBadge({ level }: { level: Severity }) {
  const { t } = useTranslation();
  return (
    <span className={classes.severity} data-severity={level} style={{ color: `var(--y-sev-${level})` }}>
      <SeverityMark level={level} />
      {t(`severity.${level}`)}
    </span>
  );
}

/** The state of an alert as a word in a box. */
export function StatusBadge({ status }: { status: AlertStatus }) {
  const { t } = useTranslation();
  return (
    <span className={classes.status} data-status={status}>
      {t(`status.${status}`)}
    </span>
  );
}
