import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

/** Placeholder until the area has its page. */
export default function LoginPage() {
  const { t } = useTranslation("login");
  return <Page title={t("title")} />;
}
