import { ActionIcon, Popover, UnstyledButton } from "@mantine/core";
import { IconHelp, IconHistory } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Go } from "@/ui";
import { visible } from "@/ui/visible";
import { readHistory } from "@/views/query/history";
import classes from "./QueryHelp.module.css";

const examples = [
  ["blocked", "event.action:BLOCK"],
  ["network", "source.ip:203.0.113.0/24"],
  ["either", "event.module:(aws.waf or aws.alb) and not source.geo.country_iso_code:JP"],
  ["wildcard", "url.path:/api/* and http.response.status_code >= 500"],
  ["regex", "url.path:/\\.(php|asp)$/"],
  ["exists", "user.name:* and event.outcome:failure"],
  ["text", '"union select"'],
  ["top", "event.action:BLOCK | top 10 source.ip"],
  ["overTime", "event.module:aws.waf | stats count() as n by bucket(auto), event.action"],
  [
    "group",
    "event.action:BLOCK | stats count() as n, distinct(source.ip) as addresses by url.path | sort n desc | limit 20",
  ],
] as const;

/** QueryHelp is the popover of the query bar: examples to take, keys, and what was asked before. */
export function QueryHelp({ onPick }: { onPick: (text: string) => void }) {
  const { t } = useTranslation("explore");
  const [open, setOpen] = useState(false);
  const before = open ? readHistory().slice(0, 8) : [];
  const pick = (text: string) => {
    setOpen(false);
    onPick(text);
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width="min(620px, 94vw)" trapFocus shadow="lg">
      <Popover.Target>
        <ActionIcon size={28} onClick={() => setOpen(!open)} aria-label={t("help.label")} aria-expanded={open}>
          <IconHelp size={17} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes.help}>
        <h3>{t("help.examples")}</h3>
        <ul>
          {examples.map(([id, text]) => (
            <li key={id}>
              <UnstyledButton onClick={() => pick(text)} className={classes.example}>
                <span>{t(`help.example.${id}`)}</span>
                <code>{text}</code>
              </UnstyledButton>
            </li>
          ))}
        </ul>
        {before.length > 0 && (
          <>
            <h3>
              <IconHistory size={14} aria-hidden /> {t("help.history")}
            </h3>
            <ul>
              {before.map((text) => (
                <li key={text}>
                  <UnstyledButton onClick={() => pick(text)} className={classes.example}>
                    <code>{visible(text, 200)}</code>
                  </UnstyledButton>
                </li>
              ))}
            </ul>
          </>
        )}
        <p className={classes.keys}>{t("help.keys")}</p>
        <Go to="/help">{t("help.more")}</Go>
      </Popover.Dropdown>
    </Popover>
  );
}
