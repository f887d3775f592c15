import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconBookmark,
  IconBroadcast,
  IconClockPin,
  IconClockShare,
  IconDeviceFloppy,
  IconDots,
  IconDownload,
  IconFolderOpen,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
  IconShare,
  IconShieldPlus,
  IconTerminal2,
} from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, problemOf, type Scope } from "@/api";
import { go } from "@/app/router";
import { useCan } from "@/app/session";
import { useRange } from "@/state";
import { keepDraft, type RuleDraft } from "@/views/ruleDraft";
import { fixedLink } from "./state";
import classes from "./Toolbar.module.css";
import type { Found } from "./useEvents";

const Saved = lazy(() => import("./Saved"));
const Export = lazy(() => import("./Export"));

/** Beyond this many characters a link is kept by the server and shared by its id. */
const longLink = 1800;

/** RunButton runs the question; while one takes long it ends it. */
export function RunButton({ busy, onRun, onCancel }: { busy: boolean; onRun: () => void; onCancel: () => void }) {
  const { t } = useTranslation("explore");
  return busy ? (
    <Button
      size="sm"
      h={34}
      miw={92}
      color="red"
      variant="light"
      leftSection={<IconPlayerStopFilled size={13} />}
      onClick={onCancel}
    >
      {t("query.cancel")}
    </Button>
  ) : (
    <Button size="sm" h={34} miw={92} leftSection={<IconPlayerPlayFilled size={13} />} onClick={onRun}>
      {t("query.run")}
    </Button>
  );
}

export interface ToolbarProps {
  scope: Scope;
  found: Found;
  columns: string[];
  by: string;
  live: boolean;
  onLive: () => void;
}

/** Toolbar holds what can be done with a search: follow, save, share, export, take elsewhere, make a rule of. */
export function Toolbar({ scope, found, columns, by, live, onLive }: ToolbarProps) {
  const { t } = useTranslation("explore");
  const range = useRange();
  const [dialog, setDialog] = useState<"save" | "open" | "export">();
  const mayExport = useCan("export");
  const mayWrite = useCan("rules.save");
  const say = (message: string) => notifications.show({ message, autoClose: 2500 });
  const copy = (text: string, message: string) =>
    navigator.clipboard?.writeText(text).then(
      () => say(message),
      () => say(t("share.failed")),
    );

  const share = async (fixed: boolean) => {
    let path = fixed ? fixedLink(location.search, range.resolve(), range.zone) : location.pathname + location.search;
    if (path.length > longLink) {
      const made = await api("POST /links", { body: { url: path } }).catch(() => undefined);
      if (made) path = `/explore?link=${encodeURIComponent(made.id)}`;
    }
    copy(location.origin + path, t(fixed ? "share.doneFixed" : "share.done"));
  };
  const rule = async () => {
    try {
      const draft = await api("POST /rules/draft", { body: { q: scope.q, filters: scope.filters } });
      keepDraft(draft);
      go("/rules/new?draft=1");
    } catch (e) {
      const p = problemOf(e);
      notifications.show({
        color: "red",
        title: t("rule.failed"),
        message: [p.detail || p.title, p.hint].filter(Boolean).join(" "),
      });
    }
  };
  return (
    <div className={classes.tools} role="toolbar" aria-label={t("tools")}>
      <Tooltip label={t(live ? "tail.stop" : "tail.start")}>
        <ActionIcon
          size={34}
          variant={live ? "light" : "default"}
          color={live ? "lantern" : "gray"}
          onClick={onLive}
          aria-pressed={live}
          aria-label={t("tail.start")}
        >
          <IconBroadcast size={17} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <Tooltip label={t("saved.label")}>
            <ActionIcon size={34} variant="default" aria-label={t("saved.label")}>
              <IconBookmark size={17} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDeviceFloppy size={15} />} onClick={() => setDialog("save")}>
            {t("saved.save")}
          </Menu.Item>
          <Menu.Item leftSection={<IconFolderOpen size={15} />} onClick={() => setDialog("open")}>
            {t("saved.open")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end" width={300}>
        <Menu.Target>
          <Tooltip label={t("share.label")}>
            <ActionIcon size={34} variant="default" aria-label={t("share.label")}>
              <IconShare size={17} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconClockShare size={15} />} onClick={() => share(false)}>
            {t("share.relative", { from: range.from, to: range.to })}
          </Menu.Item>
          <Menu.Item leftSection={<IconClockPin size={15} />} onClick={() => share(true)}>
            {t("share.fixed")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Tooltip label={t("more")}>
            <ActionIcon size={34} variant="default" aria-label={t("more")}>
              <IconDots size={17} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconShieldPlus size={15} />} onClick={rule} disabled={!mayWrite}>
            {t("rule.make")}
          </Menu.Item>
          <Menu.Item leftSection={<IconDownload size={15} />} onClick={() => setDialog("export")} disabled={!mayExport}>
            {t("export.label")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconTerminal2 size={15} />}
            disabled={!found.answer?.cli}
            onClick={() => copy(found.answer!.cli, t("cli.done"))}
          >
            {t("cli.copy")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense fallback={null}>
        {(dialog === "save" || dialog === "open") && (
          <Saved mode={dialog} scope={scope} columns={columns} by={by} onClose={() => setDialog(undefined)} />
        )}
        {dialog === "export" && (
          <Export
            scope={scope}
            columns={columns}
            table={found.answer?.kind === "table"}
            onClose={() => setDialog(undefined)}
          />
        )}
      </Suspense>
    </div>
  );
}

declare module "@/api/endpoints" {
  interface Endpoints {
    "POST /rules/draft": {
      body: { q: string; filters?: Scope["filters"]; title?: string };
      answer: RuleDraft;
    };
  }
}
