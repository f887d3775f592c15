import { CopyButton, UnstyledButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { visibleParts } from "@/ui/visible";
import classes from "./JsonText.module.css";
import { LongText } from "./LongText";

const piece = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JsonText shows JSON in colours; beyond 100,000 characters it is shown plain and clipped. */
export function JsonText({ text }: { text: string }) {
  const { t } = useTranslation("explore");
  const parts = useMemo(() => (text.length > 100_000 ? undefined : colour(text)), [text]);
  return (
    <div className={classes.frame}>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <UnstyledButton className={classes.copy} onClick={copy} aria-label={t("detail.copyJson")}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </UnstyledButton>
        )}
      </CopyButton>
      <section className={classes.code} aria-label={t("detail.json")} tabIndex={0}>
        {parts ? (
          <pre>
            {parts.map((p, i) => (
              <span key={i} className={p.kind && classes[p.kind]}>
                {visibleParts(p.text, true).map((v, j) => (v.odd ? <i key={j}>{v.text}</i> : v.text))}
              </span>
            ))}
          </pre>
        ) : (
          <LongText text={text} keepLines first={20_000} mono />
        )}
      </section>
    </div>
  );
}

function colour(text: string): { kind?: "key" | "string" | "number" | "word"; text: string }[] {
  const out: { kind?: "key" | "string" | "number" | "word"; text: string }[] = [];
  let from = 0;
  for (const m of text.matchAll(piece)) {
    if (m.index > from) out.push({ text: text.slice(from, m.index) });
    if (m[1] !== undefined) {
      out.push({ kind: m[2] ? "key" : "string", text: m[1] });
      if (m[2]) out.push({ text: m[2] });
    } else out.push({ kind: m[3] ? "word" : "number", text: m[0] });
    from = m.index + m[0].length;
  }
  if (from < text.length) out.push({ text: text.slice(from) });
  return out;
}
