import { Button, Code } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/api";
import classes from "./states.module.css";

/** ErrorState shows a problem with its detail, hint and request id, and a button to try again. `small` fits a panel. */
export function ErrorState({ problem, retry, small }: { problem: Problem; retry?: () => void; small?: boolean }) {
  const { t } = useTranslation();
  const I = problem.offline ? IconPlugConnectedX : problem.status === 403 ? IconLock : IconAlertTriangle;
  const title = problem.offline
    ? t("error.offline")
    : problem.status === 403
      ? t("forbidden.title")
      : problem.title || t("error.title");
  const text = problem.offline ? t("error.offlineText") : problem.detail;
  return (
    <div className={small ? classes.small : classes.state} role="alert" data-error={problem.status}>
      <span className={classes.icon} data-bad>
        <I size={small ? 18 : 26} stroke={1.5} aria-hidden />
      </span>
      <div className={classes.title}>{title}</div>
      {text && text !== title && <div className={classes.text}>{text}</div>}
      {problem.errors.slice(0, 5).map((e, i) => (
        <div key={i} className={classes.text}>
          {e.location && <Code>{e.location}</Code>} {e.message}
        </div>
      ))}
      {problem.hint && <div className={classes.text}>{problem.hint}</div>}
      {problem.requestId && (
        <div className={classes.request}>
          {t("error.request")} <Code>{problem.requestId}</Code>
        </div>
      )}
      {retry && (
        <div className={classes.actions}>
          <Button variant="default" onClick={retry}>
            {t("error.retry")}
          </Button>
        </div>
      )}
    </div>
  );
}
