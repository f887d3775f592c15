import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { language } from "@/i18n";
import { date, EmptyState, Loading, num, valueProps, visible } from "@/ui";
import classes from "./Alert.module.css";
import type { AlertDetail, Evidence } from "./endpoints";

const EventDetail = lazy(() => import("@/views/EventDetail").then((m) => ({ default: m.EventDetail })));

/** EvidenceList shows some findings: when, in words, what matched; each opens into its event with the matched fields marked. */
export function EvidenceList({ alert: a, zone }: { alert: AlertDetail; zone: string }) {
  const { t } = useTranslation("alerts");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  if (a.evidence.length === 0)
    return (
      <EmptyState
        title={t("evidence.none")}
        text={t(a.reason === "withdrawn" ? "evidence.withdrawn" : "evidence.noneText")}
      />
    );
  const shown = all ? a.evidence : a.evidence.slice(0, 5);
  const flip = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <>
      <ul className={classes.evidence}>
        {shown.map((e) => (
          <li key={e.finding_id} data-evidence={e.event_id}>
            <One evidence={e} zone={zone} open={open.has(e.finding_id)} flip={() => flip(e.finding_id)} />
          </li>
        ))}
      </ul>
      <div className={classes.more}>
        {a.evidence.length > shown.length && (
          <UnstyledButton className={classes.link} onClick={() => setAll(true)}>
            {t("evidence.more", { count: a.evidence.length, shown: num(a.evidence.length) })}
          </UnstyledButton>
        )}
        {a.findings > a.evidence.length && (
          <span className="y-dim">
            {t("evidence.some", { count: a.evidence.length, of: num(a.findings), shown: num(a.evidence.length) })}
          </span>
        )}
      </div>
    </>
  );
}

function One({ evidence: e, zone, open, flip }: { evidence: Evidence; zone: string; open: boolean; flip: () => void }) {
  const { t } = useTranslation("alerts");
  const words = e.event?.sentence ?? e.sentence;
  const text = (language() === "ja" && words.ja) || words.en;
  return (
    <>
      <UnstyledButton className={classes.finding} aria-expanded={open} disabled={!e.event} onClick={flip}>
        <IconChevronRight size={14} className={classes.arrow} aria-hidden />
        <time className="y-dim">{e.event ? date(e.event.time, zone, "second") : ""}</time>
        <span className={classes.words}>
          <bdi>{visible(text, 600)}</bdi>
          {!e.event && <i className="y-dim"> {t("evidence.removed")}</i>}
        </span>
      </UnstyledButton>
      <div className={classes.chips}>
        {e.fields.slice(0, 12).map((f, i) => (
          <span key={i} className={classes.chip}>
            <span>{visible(f.field, 80)}</span>
            <bdi className="y-mono" {...valueProps(f.field, f.value)}>
              {visible(f.value, 160)}
            </bdi>
          </span>
        ))}
      </div>
      {open && e.event && (
        <div className={classes.event}>
          <Suspense fallback={<Loading rows={6} />}>
            <EventDetail event={e.event} zone={zone} tab="table" marked={e.fields.map((f) => f.field)} />
          </Suspense>
        </div>
      )}
    </>
  );
}
