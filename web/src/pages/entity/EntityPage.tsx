import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

/** Placeholder until the area has its page. */
export default function EntityPage() {
  const { t } = useTranslation("entity");
  return <Page title={t("title")} />;
}
