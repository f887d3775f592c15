import { useTranslation } from "react-i18next";
import type { AlertStatus, Severity } from "@/api";
import classes from "./severity.module.css";

export const severities: Severity[] = ["critical", "high", "medium", "low", "informational"];

const shapes: Record<Severity, string> = {
  critical: "M5 1h6l4 4v6l-4 4H5l-4-4V5z",
  high: "M8 1.500 15 14H1z",
  medium: "M8 1l7 7-7 7-7-7z",
  low: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z",
  informational: "M3 3h10v10H3z",
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
