import { Button, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { date, relative, visible } from "@/ui";
import { LongText } from "@/views/LongText";
import classes from "./Alert.module.css";
import type { AlertDetail } from "./endpoints";
import type { Act } from "./useAct";

/** History is who did what when, the newest last, and a place to write. */
export function History({
  alert: a,
  zone,
  busy,
  may,
  act,
}: {
  alert: AlertDetail;
  zone: string;
  busy: boolean;
  may: boolean;
  act: (a: Act, then?: () => void) => void;
}) {
  const { t } = useTranslation("alerts");
  const [note, setNote] = useState("");
  const send = (e?: FormEvent) => {
    e?.preventDefault();
    if (note.trim() !== "") act({ ids: [a.id], action: "comment", note: note.trim() }, () => setNote(""));
  };
  return (
    <>
      <ol className={classes.log} data-log>
        {a.log.map((l, i) => (
          <li key={i} data-action={l.action}>
            <span className={classes.dot} aria-hidden />
            <div>
              <b>{l.who === "yagura" ? t("log.program") : visible(l.who, 100)}</b>{" "}
              {t(`log.${l.action}`, { defaultValue: visible(l.action, 60) })}
              {l.action === "assign" ? (
                <span className={classes.note}>{l.note ? visible(l.note, 2000) : t("log.nobody")}</span>
              ) : (
                l.note && l.action !== "comment" && <LogNote note={l.note} />
              )}
              <time className="y-dim" dateTime={l.time} title={relative(l.time)}>
                {date(l.time, zone, "second")}
              </time>
              {l.note && l.action === "comment" && (
                <div className={classes.comment}>
                  <LongText text={l.note.replace(/\r\n?/g, "\n")} keepLines />
                </div>
              )}
            </div>
          </li>
        ))}
      </ol>
      {may && (
        <form className={classes.write} onSubmit={send}>
          <Textarea
            aria-label={t("act.comment")}
            placeholder={t("log.write")}
            size="xs"
            autosize
            minRows={1}
            maxRows={8}
            maxLength={2000}
            value={note}
            onChange={(e) => setNote(e.currentTarget.value)}
            onKeyDown={(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && send()}
          />
          <Button type="submit" variant="default" disabled={note.trim() === ""} loading={busy}>
            {t("act.comment")}
          </Button>
        </form>
      )}
    </>
  );
}

/** What stands in a line: a reason in words where it is one, the text otherwise. */
function LogNote({ note }: { note: string }) {
  const { t } = useTranslation("alerts");
  const known = /^(resolved|false_positive|expected|duplicate|wont_fix|withdrawn)(?::\s*)?/.exec(note);
  const rest = known ? note.slice(known[0].length) : note;
  return (
    <span className={classes.note}>
      {known && <i>{t(`reason.${known[1]}`)}</i>}
      {rest && <q>{visible(rest, 2000)}</q>}
    </span>
  );
}
