import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

/** Placeholder until the area has its page. */
export default function SettingsPage() {
  const { t } = useTranslation("settings");
  return <Page title={t("title")} />;
}
