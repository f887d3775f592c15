import { Button, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Home } from "@/api";
import { Go, Panel } from "@/ui";
import { Logo } from "@/ui/Logo";
import classes from "./Home.module.css";

/** What is typed on the command line for a step, or the page that does it. */
const ways: Record<string, { command?: string; to?: string }> = {
  demo: { command: "yagura demo" },
  source: { command: "yagura load ./logs", to: "/intake" },
  rule: { to: "/rules" },
  user: { command: "yagura users add NAME --role admin", to: "/settings/users" },
};

/** GetStarted is the checklist of a new installation; `alone` when there is nothing else to show. */
export function GetStarted({ steps, alone }: { steps: Home["get_started"]; alone?: boolean }) {
  const { t } = useTranslation("home");
  const list = (
    <ol className={classes.steps}>
      {steps.map((s) => {
        const way = ways[s.id] ?? {};
        return (
          <li key={s.id} data-done={s.done || undefined}>
            <span className={classes.check}>
              {s.done && <IconCheck size={13} stroke={3} aria-label={t("start.done")} />}
            </span>
            <div>
              <b>{t(`start.${s.id}`)}</b>
              {!s.done && (
                <>
                  <div className="y-dim">{t(`start.${s.id}Text`)}</div>
                  {way.command && (
                    <CopyButton value={way.command}>
                      {({ copied, copy }) => (
                        <button
                          type="button"
                          className={classes.command}
                          onClick={copy}
                          aria-label={t("start.copy", { command: way.command })}
                        >
                          <code>{way.command}</code>
                          {copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
                        </button>
                      )}
                    </CopyButton>
                  )}
                  {way.to && (
                    <Button component={Go} to={way.to} variant="default" size="compact-xs" mt={6}>
                      {t(`start.${s.id}Go`)}
                    </Button>
                  )}
                </>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
  if (!alone) return list;
  return (
    <div className={classes.welcome}>
      <Logo size={52} />
      <h2>{t("start.welcome")}</h2>
      <p className="y-dim">{t("start.welcomeText")}</p>
      <Panel>{list}</Panel>
    </div>
  );
}
