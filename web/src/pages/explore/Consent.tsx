import { Button } from "@mantine/core";
import { IconCoins } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type Scope, useApi } from "@/api";
import { EmptyState } from "@/ui";
import { bytes, compact } from "@/ui/format";

/** Consent says what a free-text search would read, and asks. */
export function Consent({
  scope,
  onYes,
  onNarrow,
}: {
  scope: Scope;
  onYes: () => void;
  onNarrow: (range: { from: string; to: string }) => void;
}) {
  const { t } = useTranslation("explore");
  const { data } = useApi("POST /estimate", { body: scope }, { keep: false });
  return (
    <EmptyState
      icon={IconCoins}
      title={t("consent.title")}
      text={data && t("consent.text", { rows: compact(data.rows), bytes: bytes(data.bytes) })}
    >
      <Button onClick={onYes}>{t("consent.yes")}</Button>
      <Button variant="default" onClick={() => onNarrow({ from: "now-1h", to: "now" })}>
        {t("consent.narrow")}
      </Button>
    </EmptyState>
  );
}
