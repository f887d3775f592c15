import { AppShell, Burger, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure, useLocalStorage } from "@mantine/hooks";
import {
  IconBell,
  IconChevronsLeft,
  IconChevronsRight,
  IconDatabaseImport,
  IconHelpCircle,
  IconHome,
  IconLayoutDashboard,
  IconSearch,
  IconSettings,
  IconShieldCheck,
} from "@tabler/icons-react";
import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "@/api";
import { onUnauthorized } from "@/api/client";
import { href, refreshAll, useStream } from "@/state";
import { useAutoRefresh } from "@/state/range";
import { num } from "@/ui/format";
import { Go } from "@/ui/Go";
import { Loading } from "@/ui/Loading";
import { Logo } from "@/ui/Logo";
import { ValueMenu } from "@/ui/ValueMenu";
import { areas } from "./areas";
import { handleKey, useCommands } from "./commands";
import { ErrorBoundary } from "./ErrorBoundary";
import { go } from "./router";
import classes from "./Shell.module.css";
import { useMe } from "./session";
import { TopBar } from "./TopBar";

const Palette = lazy(() => import("./Palette"));

const links = [
  { to: "/", icon: IconHome, text: "home:title", key: "h" },
  { to: "/explore", icon: IconSearch, text: "explore:title", key: "e" },
  { to: "/dashboards", icon: IconLayoutDashboard, text: "dashboards:title", key: "d" },
  { to: "/alerts", icon: IconBell, text: "alerts:title", key: "a" },
  { to: "/rules", icon: IconShieldCheck, text: "rules:title", key: "r" },
  { to: "/intake", icon: IconDatabaseImport, text: "intake:title", key: "i" },
  { to: "/settings", icon: IconSettings, text: "settings:title", key: "s", below: true },
  { to: "/help", icon: IconHelpCircle, text: "help:title", key: "?", below: true },
];

/** matches says whether a path of the browser is of a route's pattern. */
export function matches(pattern: string, path: string): boolean {
  const a = pattern.split("/");
  const b = path.replace(/\/$/, "").split("/");
  if (pattern === "/") return path === "/";
  return a.length === b.length && a.every((x, i) => x.startsWith("$") || x === b[i]);
}

function useOpenAlerts(): number | undefined {
  const me = useMe();
  const may = me !== undefined && !me.must_change;
  const { data, refetch } = useApi(
    "GET /alerts",
    { query: { status: "new", limit: 1 } },
    { every: 60_000, enabled: may },
  );
  useStream(may ? [{ topic: "alerts" }] : [], { alerts: () => void refetch() });
  return data?.facets.status.new;
}

function NavLink({
  link,
  small,
  path,
  badge,
  close,
}: {
  link: (typeof links)[number];
  small: boolean;
  path: string;
  badge?: number;
  close: () => void;
}) {
  const { t } = useTranslation();
  const active = link.to === "/" ? path === "/" : path === link.to || path.startsWith(`${link.to}/`);
  const I = link.icon;
  const shown = badge ? num(Math.min(badge, 9999)) : undefined;
  return (
    <Tooltip label={t(link.text)} position="right" disabled={!small} openDelay={100}>
      <Go
        to={link.to}
        className={classes.link}
        aria-current={active ? "page" : undefined}
        aria-label={
          !small ? undefined : shown ? t("nav.badge", { name: t(link.text), count: badge, shown }) : t(link.text)
        }
        onClick={close}
      >
        <I size={18} stroke={1.7} aria-hidden />
        <span className={classes.linkText}>{t(link.text)}</span>
        {shown && <span className={classes.badge}>{shown}</span>}
      </Go>
    </Tooltip>
  );
}

/** Shell is the frame of every page but login: navigation, top bar, what listens everywhere. */
export function Shell() {
  const { t } = useTranslation();
  const me = useMe();
  const path = useLocation({ select: (l) => l.pathname });
  const [opened, nav] = useDisclosure(false);
  const [small, setSmall] = useLocalStorage({
    key: "yagura.nav.small",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const alerts = useOpenAlerts();
  useAutoRefresh();

  const asked = useApi("GET /me", {}, { staleTime: 60_000 });
  const signedOut = asked.error?.status === 401;
  const known = me !== undefined;
  useEffect(() => {
    const leave = (expired: boolean) => {
      if (location.pathname === "/login") return;
      go(href("/login", { back: location.pathname + location.search, expired: expired ? "1" : undefined }), {
        replace: true,
      });
    };
    onUnauthorized.call = () => leave(known);
    if (signedOut) leave(known);
  }, [signedOut, known]);
  useEffect(() => {
    if (me?.must_change && path !== "/settings/password") {
      go(href("/settings/password", { back: location.pathname + location.search }), { replace: true });
    }
  }, [me, path]);

  useEffect(() => {
    document.addEventListener("keydown", handleKey);
    return () => document.removeEventListener("keydown", handleKey);
  }, []);
  useCommands([
    ...links.map((l) => ({
      id: `go:${l.to}`,
      title: t(l.text),
      keys: l.key === "?" ? "g ?" : `g ${l.key}`,
      group: "go" as const,
      run: () => go(l.to),
    })),
    { id: "refresh", title: t("commands.refresh"), keys: "r", group: "page", run: refreshAll },
    { id: "nav", title: t("commands.nav"), keys: "[", group: "view", run: () => setSmall((x) => !x) },
  ]);

  const area = areas.find((a) => matches(a.path, path));
  if (signedOut) return null;
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: small ? 56 : 204, breakpoint: "sm", collapsed: { mobile: !opened } }}
      transitionDuration={0}
      padding={0}
    >
      <a href="#main" className={classes.skip}>
        {t("nav.skip")}
      </a>
      <AppShell.Header className={classes.header}>
        <Burger
          opened={opened}
          onClick={nav.toggle}
          hiddenFrom="sm"
          size="sm"
          aria-label={t(opened ? "nav.close" : "nav.open")}
        />
        <TopBar range={area?.range ?? false} />
      </AppShell.Header>
      <AppShell.Navbar className={classes.nav} data-small={small || undefined} aria-label={t("nav.label")}>
        <Go to="/" className={classes.brand} onClick={nav.close} aria-label="Yagura">
          <Logo />
          <span className={classes.brandText}>Yagura</span>
        </Go>
        <div className={classes.links}>
          {links.map((l) =>
            l.below ? null : (
              <NavLink
                key={l.to}
                link={l}
                small={small}
                path={path}
                close={nav.close}
                badge={l.to === "/alerts" ? alerts : undefined}
              />
            ),
          )}
        </div>
        <div className={classes.links}>
          {links.map((l) =>
            l.below ? <NavLink key={l.to} link={l} small={small} path={path} close={nav.close} /> : null,
          )}
          <UnstyledButton
            className={classes.link}
            onClick={() => setSmall((x) => !x)}
            visibleFrom="sm"
            aria-label={t(small ? "nav.expand" : "nav.collapse")}
          >
            {small ? (
              <IconChevronsRight size={18} stroke={1.7} aria-hidden />
            ) : (
              <IconChevronsLeft size={18} stroke={1.7} aria-hidden />
            )}
            <span className={classes.linkText}>{t("nav.collapse")}</span>
          </UnstyledButton>
        </div>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <ErrorBoundary key={path}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </AppShell.Main>
      <ValueMenu />
      <Suspense fallback={null}>
        <Palette />
      </Suspense>
    </AppShell>
  );
}
