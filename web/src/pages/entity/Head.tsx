import { ActionIcon, Button, CopyButton, Menu, Tooltip } from "@mantine/core";
import {
  IconBuildingBank,
  IconCheck,
  IconChevronDown,
  IconCopy,
  IconLayoutDashboard,
  IconRoute,
  IconSearch,
  IconServer,
  IconShieldCheck,
  IconUser,
  IconWorldPin,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { EntityKind } from "@/api";
import { useCommands } from "@/app/commands";
import { go } from "@/app/router";
import { exploreUrl, useRange } from "@/state";
import { country, Go, visible } from "@/ui";
import classes from "./Entity.module.css";
import type { EntityAnswer } from "./endpoints";
import { boardLinks, type FactRow, factRows } from "./model";

const icons = {
  ip: IconWorldPin,
  user: IconUser,
  host: IconServer,
  account: IconBuildingBank,
  path: IconRoute,
  rule: IconShieldCheck,
};
/** Facts told in the line below the name. */
const told = ["country", "city", "operator", "bot", "host", "account", "roles", "category", "ruleset"];

function summary(rows: FactRow[]): string {
  return rows
    .filter((r) => told.includes(r.short) && r.values.length > 0 && r.values.length < 3)
    .map((r) => {
      const text = String(r.values[0]!.value);
      return r.short === "country" ? country(text) : visible(text, 60);
    })
    .join(" · ");
}

/** Head names the entity and leads to its events and dashboards. */
export function Head({ kind, value, data }: { kind: EntityKind; value: string; data?: EntityAnswer }) {
  const { t } = useTranslation("entity");
  const range = useRange();
  const I = icons[kind];
  const where = data?.where;
  const events = where ? exploreUrl({ q: where, from: range.from, to: range.to, tz: range.tz }) : undefined;
  const links = data
    ? boardLinks(
        kind,
        value,
        data.by_type.map((x) => x.type),
        range,
      )
    : [];
  useCommands([
    { id: "entity.events", title: t("explore"), keys: "e", group: "page", run: () => events && go(events) },
    { id: "entity.lookup", title: t("lookup.title"), group: "page", run: () => go("/entity") },
  ]);
  return (
    <header className={classes.head}>
      <span className={classes.icon} aria-hidden>
        <I size={24} stroke={1.6} />
      </span>
      <div className={classes.name}>
        <div className={classes.kind}>{t(`kind.${kind}`)}</div>
        <div className={classes.value}>
          <bdi data-entity={kind}>{visible(value, 1000)}</bdi>
          <CopyButton value={value}>
            {({ copied, copy }) => (
              <Tooltip label={t(copied ? "copied" : "copy")}>
                <ActionIcon onClick={copy} aria-label={t("copy")}>
                  {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        </div>
        <div className={classes.summary}>{data ? summary(factRows(data.facts)) : ""}</div>
      </div>
      <div className={classes.actions}>
        {links.length > 0 && (
          <Menu position="bottom-end" width={240}>
            <Menu.Target>
              <Button
                variant="default"
                leftSection={<IconLayoutDashboard size={15} />}
                rightSection={<IconChevronDown size={13} />}
              >
                {t("boards")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{t("boardsText")}</Menu.Label>
              {links.map((l) => (
                <Menu.Item key={l.id} component={Go} to={l.to}>
                  {l.name}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
        {events && (
          <Button component={Go} to={events} leftSection={<IconSearch size={15} />}>
            {t("explore")}
          </Button>
        )}
      </div>
    </header>
  );
}
