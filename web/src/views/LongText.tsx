import { Button, CopyButton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { bytes } from "@/ui/format";
import { clip, visibleParts } from "@/ui/visible";
import classes from "./LongText.module.css";

/** As much as is ever put into the page; the rest can be copied. */
const most = 400_000;

/**
 * LongText shows a text from a log: as text and nothing else, odd characters as escapes drawn apart, direction isolated.
 * Long ones are clipped with a button for the whole and one that copies it.
 */
export function LongText({
  text,
  keepLines = false,
  first = 2000,
  mono,
}: {
  text: string;
  /** Line breaks and tabs are the text's own layout (JSON) and stay. */
  keepLines?: boolean;
  /** Characters shown before "show all". */
  first?: number;
  mono?: boolean;
}) {
  const { t } = useTranslation("explore");
  const [all, setAll] = useState(false);
  const shown = clip(text, all ? most : first);
  const size = () => bytes(new Blob([text]).size);
  return (
    <>
      <bdi className={`${classes.text} ${mono ? "y-mono" : ""}`} data-lines={keepLines || undefined}>
        {visibleParts(shown, keepLines).map((p, i) =>
          p.odd ? (
            <span key={i} className={classes.odd} title={t("detail.hidden")}>
              {p.text}
            </span>
          ) : (
            p.text
          ),
        )}
        {shown.length < text.length && "…"}
      </bdi>
      {text.length > first && (
        <span className={classes.more}>
          <Button variant="light" size="compact-xs" onClick={() => setAll(!all)}>
            {all ? t("detail.less") : t("detail.all", { size: size() })}
          </Button>
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button variant="subtle" size="compact-xs" onClick={copy}>
                {copied ? t("detail.copied") : t("detail.copy")}
              </Button>
            )}
          </CopyButton>
          {all && text.length > most && <span className="y-dim">{t("detail.tooLong")}</span>}
        </span>
      )}
    </>
  );
}
