import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Session, useAction, useApi } from "@/api";
import { useZone } from "@/state";
import { DataTable, date, EmptyState, ErrorState, Loading, Panel, relative, Tag, visible } from "@/ui";

/** A browser by its user agent, as people call it. */
function browser(agent: string | undefined): string {
  const found = /(Edg|OPR|Firefox|Chrome|Safari)\/(\d+)/.exec(agent ?? "");
  const os = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(agent ?? "")?.[1];
  const name = { Edg: "Edge", OPR: "Opera" }[found?.[1] ?? ""] ?? found?.[1];
  return [name && `${name} ${found?.[2]}`, os].filter(Boolean).join(", ") || visible(agent ?? "", 60);
}

/** Sessions are the browsers that are signed in; any can be ended. */
export function Sessions() {
  const { t } = useTranslation("settings");
  const zone = useZone();
  const { data, error, refetch } = useApi("GET /sessions");
  const end = useAction("DELETE /sessions/{id}", { refresh: ["GET /sessions", "GET /me"] });
  if (error) return <ErrorState problem={error} retry={() => refetch()} />;
  if (!data) return <Loading />;
  return (
    <Panel title={t("parts.sessions")} pad={false}>
      <DataTable<Session>
        label={t("parts.sessions")}
        rows={data.items}
        rowKey={(s) => s.id}
        empty={<EmptyState title={t("sessions.none")} />}
        columns={[
          { key: "user", title: t("sessions.user"), value: (s) => s.user },
          { key: "browser", title: t("sessions.browser"), value: (s) => browser(s.agent) },
          { key: "address", title: t("sessions.address"), value: (s) => s.address },
          {
            key: "created",
            title: t("sessions.created"),
            value: (s) => s.created,
            render: (s) => date(s.created, zone),
          },
          { key: "seen", title: t("sessions.seen"), value: (s) => s.seen, render: (s) => relative(s.seen) },
          {
            key: "end",
            title: t("sessions.state"),
            sortable: false,
            value: (s) => (s.current ? "current" : ""),
            render: (s) =>
              s.current ? (
                <Tag mood="good">{t("sessions.current")}</Tag>
              ) : (
                <Button variant="default" size="compact-xs" onClick={() => end.mutate({ path: { id: s.id } })}>
                  {t("sessions.end")}
                </Button>
              ),
          },
        ]}
      />
      {end.error && <ErrorState problem={end.error} small />}
    </Panel>
  );
}
