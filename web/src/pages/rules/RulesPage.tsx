import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

/** Placeholder until the area has its page. */
export default function RulesPage() {
  const { t } = useTranslation("rules");
  return <Page title={t("title")} />;
}
