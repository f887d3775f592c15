import { Button, Group } from "@mantine/core";
import { IconBinoculars, IconLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { problemOf } from "@/api";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";
import { Go } from "@/ui/Go";
import { Page } from "@/ui/Page";

export function NotFound({ bare }: { bare?: boolean }) {
  const { t } = useTranslation();
  return (
    <div style={bare ? { paddingTop: "12vh" } : undefined}>
      <Page title={t("notFound.title")} hideTitle />
      <EmptyState icon={IconBinoculars} title={t("notFound.title")} text={t("notFound.text")}>
        <Button component={Go} to="/">
          {t("notFound.home")}
        </Button>
      </EmptyState>
    </div>
  );
}

export function Forbidden() {
  const { t } = useTranslation();
  return <EmptyState icon={IconLock} title={t("forbidden.title")} text={t("forbidden.text")} />;
}

/** PageError is a page that threw. After an update of the server its old files are gone: loading again helps. */
export function PageError({ error, reset }: { error: unknown; reset?: () => void }) {
  const { t } = useTranslation();
  return (
    <div style={{ padding: "8vh 1rem" }}>
      <ErrorState problem={problemOf(error)} retry={reset} />
      <Group justify="center" mt="sm">
        <Button variant="subtle" onClick={() => location.reload()}>
          {t("error.reload")}
        </Button>
      </Group>
    </div>
  );
}
