import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

/** Placeholder until the area has its page. */
export default function ExplorePage() {
  const { t } = useTranslation("explore");
  return <Page title={t("title")} />;
}
