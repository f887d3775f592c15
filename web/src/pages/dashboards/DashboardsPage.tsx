import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

/** Placeholder until the area has its page. */
export default function DashboardsPage() {
  const { t } = useTranslation("dashboards");
  return <Page title={t("title")} />;
}
