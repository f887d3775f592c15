import { Kbd, Modal } from "@mantine/core";
import { Spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Command, useAllCommands, useCommands } from "./commands";
import { onOpenKeys, openKeys, openPalette } from "./open";
import classes from "./Palette.module.css";

const groups = ["page", "go", "view"] as const;

function Keys({ keys }: { keys: string }) {
  return (
    <span className={classes.keys}>
      {keys.split(" ").map((k, i) => (
        <Kbd key={i} size="xs">
          {k}
        </Kbd>
      ))}
    </span>
  );
}

/** ShortcutList shows all keys that work now, by group. */
export function ShortcutList() {
  const { t } = useTranslation();
  const all = useAllCommands();
  const seen = new Map<string, Command>();
  for (const c of all) if (c.keys) seen.set(c.keys, c);
  return (
    <div className={classes.list}>
      {groups.map((g) => {
        const own = [...seen.values()].filter((c) => c.group === g);
        if (own.length === 0) return null;
        return (
          <section key={g}>
            <h3>{t(`commands.${g}`)}</h3>
            {own.map((c) => (
              <div key={c.id} className={classes.row}>
                <span>{c.title}</span>
                <Keys keys={c.keys!} />
              </div>
            ))}
          </section>
        );
      })}
    </div>
  );
}

/** Palette is Ctrl-K and the ? dialog; both show what the shell and the page registered. */
export default function Palette() {
  const { t } = useTranslation();
  const all = useAllCommands();
  const [keysOpen, setKeysOpen] = useState(false);
  useEffect(() => onOpenKeys(() => setKeysOpen(true)), []);
  useCommands([
    { id: "keys", title: t("commands.keys"), keys: "?", group: "view", run: openKeys },
    { id: "palette", title: t("commands.palette"), group: "view", run: openPalette, hidden: true },
  ]);
  const actions = groups.map((g) => ({
    group: t(`commands.${g}`),
    actions: all
      .filter((c) => c.group === g && !c.hidden)
      .map((c) => ({
        id: c.id,
        label: c.title,
        onClick: c.run,
        rightSection: c.keys ? <Keys keys={c.keys} /> : undefined,
      })),
  }));
  return (
    <>
      <Spotlight
        actions={actions.filter((g) => g.actions.length > 0)}
        shortcut={["mod + K"]}
        nothingFound={t("commands.nothing")}
        highlightQuery
        scrollable
        maxHeight={420}
        searchProps={{
          leftSection: <IconSearch size={17} />,
          placeholder: t("commands.search"),
          "aria-label": t("commands.search"),
        }}
      />
      <Modal
        opened={keysOpen}
        onClose={() => setKeysOpen(false)}
        title={t("commands.keys")}
        size="lg"
        closeButtonProps={{ "aria-label": t("close") }}
      >
        <ShortcutList />
      </Modal>
    </>
  );
}
