import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

/** Placeholder until the area has its page. */
export default function HelpPage() {
  const { t } = useTranslation("help");
  return <Page title={t("title")} />;
}
