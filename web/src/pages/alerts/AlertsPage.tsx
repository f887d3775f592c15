import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

/** Placeholder until the area has its page. */
export default function AlertsPage() {
  const { t } = useTranslation("alerts");
  return <Page title={t("title")} />;
}
