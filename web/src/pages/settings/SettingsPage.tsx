import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Permission } from "@/api";
import { Forbidden } from "@/app/errors";
import { useRouteParams } from "@/app/router";
import { useMe } from "@/app/session";
import { EmptyState, Go, Loading, Page } from "@/ui";
import { Audit } from "./Audit";
import { Password } from "./Password";
import { Profile } from "./Profile";
import { Sessions } from "./Sessions";
import classes from "./Settings.module.css";
import { Tokens } from "./Tokens";
import { Users } from "./Users";

const parts: { id: string; needs?: Permission; users?: boolean; show: () => ReactNode }[] = [
  { id: "profile", show: () => <Profile /> },
  { id: "password", users: true, show: () => <Password /> },
  { id: "sessions", users: true, show: () => <Sessions /> },
  { id: "tokens", users: true, show: () => <Tokens /> },
  { id: "users", needs: "users.manage", show: () => <Users /> },
  { id: "audit", needs: "audit.read", show: () => <Audit /> },
];

/** SettingsPage: everyone's own things, and for admins users and the audit log. */
export default function SettingsPage() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const { part = "profile" } = useRouteParams();
  if (!me) {
    return (
      <Page title={t("title")}>
        <Loading />
      </Page>
    );
  }
  const allowed = (p: (typeof parts)[number]) => !p.needs || me.permissions.includes(p.needs);
  const chosen = parts.find((p) => p.id === part);
  return (
    <Page title={t("title")}>
      <div className={classes.layout}>
        <nav className={classes.nav} aria-label={t("title")}>
          {parts
            .filter((p) => allowed(p) && !(p.users && me.open))
            .map((p) => (
              <Go
                key={p.id}
                to={p.id === "profile" ? "/settings" : `/settings/${p.id}`}
                aria-current={p.id === part ? "page" : undefined}
              >
                {t(`parts.${p.id}`)}
              </Go>
            ))}
        </nav>
        <div className={classes.body}>
          {!chosen ? (
            <EmptyState title={t("noPart")} />
          ) : !allowed(chosen) ? (
            <Forbidden />
          ) : chosen.users && me.open ? (
            <EmptyState title={t("open.title")} text={t("open.text")} />
          ) : (
            chosen.show()
          )}
        </div>
      </div>
    </Page>
  );
}
