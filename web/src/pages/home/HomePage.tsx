import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

/** Placeholder until the area has its page. */
export default function HomePage() {
  const { t } = useTranslation("home");
  return <Page title={t("title")} />;
}
