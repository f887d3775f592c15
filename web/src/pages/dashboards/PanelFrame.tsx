import { ActionIcon, Menu, Modal, Skeleton, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconCode,
  IconCopy,
  IconDotsVertical,
  IconFileTypeCsv,
  IconHelpCircle,
  IconListSearch,
  IconPhoto,
  IconTable,
} from "@tabler/icons-react";
import { memo, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { go } from "@/app/router";
import { inLanguage, type PanelDefinition } from "@/charts/model";
import type { Filters, Range } from "@/state";
import { Go, useLate } from "@/ui";
import { date } from "@/ui/format";
import classes from "./Board.module.css";
import { useDrill } from "./drill";
import { PanelBody } from "./PanelBody";
import { QueryView } from "./QueryView";
import { panelCsv, panelPng } from "./save";
import { type BoardStore, usePanel } from "./useBoard";

export interface PanelFrameProps {
  board: string;
  panel: PanelDefinition;
  store: BoardStore;
  range: Range;
  filters: Filters;
  titleOf: (field: string) => string | undefined;
  full: boolean;
  onFull: (id: string) => void;
  /** What stands in the head while editing, instead of the menu. */
  edit?: ReactNode;
  /** The variables' choices, for a panel of controls. */
  controls?: ReactNode;
}

/** useNear says that an element came near the part of the page that is seen; it stays true. */
function useNear(): [React.RefObject<HTMLElement | null>, boolean] {
  const ref = useRef<HTMLElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (near || !ref.current) return;
    const watch = new IntersectionObserver((all) => all.some((x) => x.isIntersecting) && setNear(true), {
      rootMargin: "500px",
    });
    watch.observe(ref.current);
    const all = () => setNear(true);
    window.addEventListener("beforeprint", all);
    return () => {
      watch.disconnect();
      window.removeEventListener("beforeprint", all);
    };
  }, [near]);
  return [ref, near];
}

/** PanelFrame is one panel: title, help, the way to its events, its menu, and what it shows. Its size never depends on what it shows. */
export const PanelFrame = memo(function PanelFrame(props: PanelFrameProps) {
  const { board, panel, store, range, filters, titleOf, full, onFull, edit, controls } = props;
  const { t } = useTranslation("dashboards");
  const { answer, fresh } = usePanel(store, panel.id);
  const [ref, near] = useNear();
  const [twin, setTwin] = useState(false);
  const [asked, setAsked] = useState(false);
  const drill = useDrill(answer, range, filters);
  const title = inLanguage(panel.title);
  const help = inLanguage(panel.help);
  const late = useLate(!answer);
  const chart = !["controls", "text"].includes(panel.view);
  const name = `${board}-${panel.id}`;
  const copyCli = () => {
    navigator.clipboard?.writeText(answer?.cli ?? "").then(
      () => notifications.show({ message: t("panel.copied"), autoClose: 1500 }),
      () => {},
    );
  };
  const from = answer ? Date.parse(answer.from) : 0;
  const rest = store.rest;
  const own = answer && rest && Math.abs(from - Date.parse(rest.from)) > 60_000;
  return (
    <section
      ref={ref}
      className={`y-panel ${classes.panel}`}
      data-panel={panel.id}
      data-view={panel.view}
      data-ready={answer ? (fresh ? "fresh" : "stale") : undefined}
      aria-busy={chart && !answer && !full ? true : undefined}
      aria-label={title || panel.id}
    >
      {(title || edit) && (
        <header className={classes.head}>
          <h2 title={title}>{title || panel.id}</h2>
          {help && (
            <Tooltip label={help} multiline w={280} events={{ hover: true, focus: true, touch: true }}>
              <button type="button" className={classes.help} aria-label={help} data-no-picture>
                <IconHelpCircle size={14} stroke={1.7} aria-hidden />
              </button>
            </Tooltip>
          )}
          {own && (
            <span className={classes.own} title={`${date(answer.from, range.zone)} – ${date(answer.to, range.zone)}`}>
              {t("panel.own", { from: date(answer.from, range.zone, "day") })}
            </span>
          )}
          {answer?.stats?.partial && <span className={classes.partial}>{t("panel.partial")}</span>}
          {edit ??
            (chart && (
              <div className={classes.tools} data-no-picture>
                <ActionIcon
                  component={Go}
                  to={drill.link({ filters: [] })}
                  size={24}
                  aria-label={t("panel.events", { title })}
                  title={t("panel.eventsShort")}
                  data-events
                >
                  <IconListSearch size={15} stroke={1.7} />
                </ActionIcon>
                <Menu position="bottom-end" width={220}>
                  <Menu.Target>
                    <ActionIcon size={24} aria-label={t("panel.menu", { title })} data-panel-menu>
                      <IconDotsVertical size={15} stroke={1.7} />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item
                      leftSection={<IconListSearch size={15} />}
                      onClick={() => go(drill.link({ filters: [] }))}
                    >
                      {t("panel.explore")}
                    </Menu.Item>
                    <Menu.Item
                      leftSection={full ? <IconArrowsMinimize size={15} /> : <IconArrowsMaximize size={15} />}
                      onClick={() => onFull(full ? "" : panel.id)}
                    >
                      {t(full ? "panel.small" : "panel.full")}
                    </Menu.Item>
                    {panel.view !== "events" && (
                      <Menu.Item leftSection={<IconTable size={15} />} onClick={() => setTwin(!twin)}>
                        {t(twin ? "panel.chart" : "panel.twin")}
                      </Menu.Item>
                    )}
                    <Menu.Divider />
                    <Menu.Item leftSection={<IconCode size={15} />} onClick={() => setAsked(true)}>
                      {t("panel.query")}
                    </Menu.Item>
                    <Menu.Item leftSection={<IconCopy size={15} />} onClick={copyCli} disabled={!answer?.cli}>
                      {t("panel.cli")}
                    </Menu.Item>
                    <Menu.Divider />
                    <Menu.Item
                      leftSection={<IconFileTypeCsv size={15} />}
                      disabled={!answer}
                      onClick={() => answer && panelCsv(name, answer, titleOf, panel.options?.columns)}
                    >
                      {t("panel.csv")}
                    </Menu.Item>
                    <Menu.Item
                      leftSection={<IconPhoto size={15} />}
                      onClick={() => setTimeout(() => ref.current && panelPng(name, ref.current), 50)}
                    >
                      {t("panel.png")}
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              </div>
            ))}
        </header>
      )}
      <div className={classes.body} data-stale={(answer && !fresh) || undefined}>
        {panel.view === "controls" ? (
          controls
        ) : panel.view === "text" ? (
          <PanelBody
            panel={panel}
            answer={textAnswer}
            drill={drill}
            zone={range.zone}
            twin={false}
            full={full}
            label={title}
            titleOf={titleOf}
            onAll={() => {}}
          />
        ) : answer && (near || full) ? (
          <PanelBody
            panel={panel}
            answer={answer}
            drill={drill}
            zone={range.zone}
            twin={twin}
            full={full}
            label={title || panel.id}
            titleOf={titleOf}
            onAll={() => onFull(panel.id)}
          />
        ) : (
          near && late && <Skeleton style={{ flex: 1 }} radius="sm" />
        )}
      </div>
      {asked && answer && (
        <Modal
          closeButtonProps={{ "aria-label": t("common:close") }}
          opened
          onClose={() => setAsked(false)}
          title={t("panel.queryOf", { title })}
          size="lg"
        >
          <QueryView panel={panel} answer={answer} />
        </Modal>
      )}
    </section>
  );
});

const textAnswer = {
  view: "text",
  query: "",
  where: "",
  cli: "",
  from: "",
  to: "",
  zone: "",
  data: { columns: [], rows: [[0]] },
  stats: { parts: 0, parts_read: 0, rows: 0, bytes: 0, elapsed_ms: 0 },
} as unknown as import("@/charts/model").PanelAnswer;
