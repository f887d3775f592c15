import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

/** Placeholder until the area has its page. */
export default function IntakePage() {
  const { t } = useTranslation("intake");
  return <Page title={t("title")} />;
}
