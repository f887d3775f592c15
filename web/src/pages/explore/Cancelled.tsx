import { Button } from "@mantine/core";
import { IconPlayerStop } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/ui";

/** Cancelled says that the reader ended the question. */
export function Cancelled({ again }: { again: () => void }) {
  const { t } = useTranslation("explore");
  return (
    <EmptyState icon={IconPlayerStop} title={t("cancelled.title")} text={t("cancelled.text")}>
      <Button onClick={again}>{t("cancelled.again")}</Button>
    </EmptyState>
  );
}
