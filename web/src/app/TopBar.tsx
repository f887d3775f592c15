import { ActionIcon, Indicator, Menu, Tooltip, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import {
  IconCheck,
  IconCommand,
  IconDeviceDesktop,
  IconKey,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconPlugConnectedX,
  IconSun,
  IconUser,
} from "@tabler/icons-react";
import { useIsFetching } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Lang, queryClient } from "@/api";
import { useServerDown } from "@/api/connection";
import { language, languages, setLanguage } from "@/i18n";
import { useStreamState } from "@/state";
import { useLate } from "@/ui/Loading";
import { TimePicker } from "@/ui/TimePicker";
import { openPalette } from "./open";
import { go } from "./router";
import { useMe } from "./session";
import classes from "./TopBar.module.css";

const themes = [
  { value: "light", icon: IconSun },
  { value: "dark", icon: IconMoon },
  { value: "auto", icon: IconDeviceDesktop },
] as const;

/** Tells the server too, so that the choice follows the user; without users it stays in the browser. */
function remember(change: { lang?: Lang; theme?: string }, open: boolean | undefined) {
  if (open === false) api("PATCH /me", { body: change }).catch(() => {});
}

function ThemeMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const I = themes.find((x) => x.value === colorScheme)?.icon ?? IconSun;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t("theme.label")}>
          <I size={17} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {themes.map(({ value, icon: Item }) => (
          <Menu.Item
            key={value}
            leftSection={<Item size={15} />}
            rightSection={value === colorScheme ? <IconCheck size={14} /> : undefined}
            onClick={() => {
              setColorScheme(value);
              remember({ theme: value === "auto" ? "" : value }, me?.open);
            }}
          >
            {t(`theme.${value}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function LanguageMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const names: Record<Lang, string> = { en: "English", ja: "日本語" };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t("language")}>
          <IconLanguage size={17} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {languages.map((l) => (
          <Menu.Item
            key={l}
            lang={l}
            rightSection={l === language() ? <IconCheck size={14} /> : undefined}
            onClick={() => {
              setLanguage(l);
              remember({ lang: l }, me?.open);
            }}
          >
            {names[l]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

async function signOut() {
  await api("POST /logout").catch(() => {});
  queryClient.clear();
  go("/login");
}

function UserMenu() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes.user} aria-label={t("user.menu")}>
          {me && !me.open ? me.name.slice(0, 1).toUpperCase() : <IconUser size={15} stroke={1.8} aria-hidden />}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {me && (
          <Menu.Label>
            {me.open ? t("user.open") : t("user.signedInAs", { name: me.name, role: t(`role.${me.role}`) })}
          </Menu.Label>
        )}
        <Menu.Item leftSection={<IconUser size={15} />} onClick={() => go("/settings")}>
          {t("user.settings")}
        </Menu.Item>
        {me && !me.open && (
          <>
            <Menu.Item leftSection={<IconKey size={15} />} onClick={() => go("/settings/password")}>
              {t("user.password")}
            </Menu.Item>
            <Menu.Item leftSection={<IconLogout size={15} />} onClick={signOut}>
              {t("user.signOut")}
            </Menu.Item>
          </>
        )}
        {me && <Menu.Label>{t("user.version", { version: me.version })}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Connection says when the server does not answer or the live stream is lost; both come back by themselves. */
function Connection() {
  const { t } = useTranslation();
  const stream = useStreamState();
  const down = useServerDown();
  const lost = useLate(stream === "lost" || down, down ? 0 : 1500);
  return (
    <div role="status">
      {lost && (
        <span className={classes.lost} data-down={down || undefined}>
          <IconPlugConnectedX size={15} aria-hidden />
          <span>{t(down ? "connection.down" : "connection.lost")}</span>
        </span>
      )}
    </div>
  );
}

function Busy() {
  const { t } = useTranslation();
  const late = useLate(useIsFetching() > 0, 250);
  return late ? <div className={classes.busy} role="progressbar" aria-label={t("busy")} /> : null;
}

export function TopBar({ range }: { range: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <>
      <Busy />
      <div className={classes.left}>
        {me?.demo && <span className={classes.tag}>{t("demo")}</span>}
        {me?.intake?.paused && (
          <Tooltip label={me.intake.paused}>
            <span className={classes.tag} data-warn>
              {t("intakePaused")}
            </span>
          </Tooltip>
        )}
        <Connection />
      </div>
      {range && <TimePicker />}
      <div className={classes.right}>
        <Tooltip label={t("commands.palette")}>
          <ActionIcon aria-label={t("commands.palette")} onClick={openPalette} visibleFrom="xs">
            <IconCommand size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <LanguageMenu />
        <ThemeMenu />
        <Indicator disabled={!me?.open} color="yellow" size={7} offset={4}>
          <UserMenu />
        </Indicator>
      </div>
    </>
  );
}
