import { ActionIcon, Button, Menu, Select } from "@mantine/core";
import { IconDots, IconDownload, IconPencil, IconPrinter, IconStack2 } from "@tabler/icons-react";
import { useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "@/api";
import { useCommands } from "@/app/commands";
import { useRouteParams } from "@/app/router";
import { useCan } from "@/app/session";
import { type Definition, inLanguage, type Variable } from "@/charts/model";
import { TipLayer } from "@/charts/Tip";
import { type Range, useFilters, useRange } from "@/state";
import { flag, useUrlState } from "@/state/useUrlState";
import { download, EmptyState, ErrorState, FilterPills, Go, Loading, Page, Tag, useFilterTarget } from "@/ui";
import { duration, num } from "@/ui/format";
import classes from "./Board.module.css";
import { Controls } from "./Controls";
import type { BoardFile, BoardRun } from "./endpoints";
import { Grid } from "./Grid";
import { Problems } from "./Problems";
import { boardSpec, compares, readVariables, writeVariable } from "./state";
import { useArrived, useBoard, useRest } from "./useBoard";
import { useTitles } from "./useTitles";

const Editor = lazy(() => import("./edit/Editor"));
const spec = { ...boardSpec, edit: flag() };

/** BoardPage opens a dashboard by its id. */
export default function BoardPage() {
  const { id = "" } = useRouteParams();
  const { t } = useTranslation("dashboards");
  // While another page loads, this one still stands there with its address gone: it must not ask anything.
  const here = useLocation({ select: (l) => l.pathname.startsWith("/dashboards/") });
  const file = useApi("GET /dashboards/{id}", { path: { id } }, { keep: false, enabled: here });
  if (!here) return null;
  if (file.error)
    return (
      <Page title={id}>
        <ErrorState problem={file.error} retry={file.refetch} />
      </Page>
    );
  if (!file.data)
    return (
      <Page title={t("title")} hideTitle>
        <Loading height="80vh" />
      </Page>
    );
  return <Loaded key={id} id={id} file={file.data} reload={() => void file.refetch()} />;
}

function Loaded({ id, file, reload }: { id: string; file: BoardFile; reload: () => void }) {
  const { t } = useTranslation("dashboards");
  const [state, set] = useUrlState(spec);
  const may = useCan("dashboards.save");
  const d = file.dashboard as Definition;
  const broken = file.problems?.some((p) => !p.warning);
  // The author's own range, unless the address says one.
  const first = d.range && d.range !== "now-24h" && !state.from ? d.range : "";
  useEffect(() => {
    if (first) set({ from: first }, { replace: true });
  }, [first, set]);
  if (state.edit && may)
    return (
      <Suspense fallback={<Loading height="80vh" />}>
        <Editor id={id} file={file} reload={reload} done={() => set({ edit: false })} />
      </Suspense>
    );
  if (broken)
    return (
      <Page
        title={inLanguage(d.title) || id}
        actions={
          may && (
            <Button leftSection={<IconPencil size={15} />} onClick={() => set({ edit: true })}>
              {t("board.repair")}
            </Button>
          )
        }
      >
        <div className="y-panel" style={{ padding: 16 }}>
          <p style={{ marginTop: 0 }}>{t("board.broken")}</p>
          <Problems problems={file.problems} yaml={file.yaml} />
        </div>
      </Page>
    );
  if (first) return null;
  return <View id={id} file={file} definition={d} onEdit={may ? () => set({ edit: true }) : undefined} />;
}

function View({
  id,
  file,
  definition,
  onEdit,
}: {
  id: string;
  file: BoardFile;
  definition: Definition;
  onEdit?: () => void;
}) {
  const { t } = useTranslation("dashboards");
  const [state, set] = useUrlState(boardSpec);
  const range = useRange();
  const filters = useFilters();
  const titleOf = useTitles();
  const chosen = useMemo(() => readVariables(state.v), [state.v]);
  const input = useMemo<BoardRun>(
    () => ({
      id,
      ...range.scope,
      variables: chosen,
      filters: filters.api as BoardRun["filters"],
      compare: (state.cmp || undefined) as BoardRun["compare"],
      choices: true,
    }),
    [id, range.scope, chosen, filters.api, state.cmp],
  );
  const board = useBoard(input);
  useFilterTarget((field, value, mode) => filters.addFilter(field, value, mode));
  const choose = (v: Variable, values: string[]) => set({ v: writeVariable(state.v, v.name, values, v.default ?? []) });
  const full = definition.panels.find((p) => p.id === state.panel);
  const close = () => set({ panel: "" });
  useCommands([
    ...(onEdit ? [{ id: "board.edit", title: t("board.edit"), keys: "e", group: "page" as const, run: onEdit }] : []),
    ...(full
      ? [
          {
            id: "board.small",
            title: t("panel.small"),
            keys: "Escape",
            group: "page" as const,
            hidden: true,
            run: close,
          },
        ]
      : []),
  ]);
  const panels = full ? [full] : definition.panels;
  return (
    <Page
      title={inLanguage(definition.title) || id}
      subtitle={<span className={classes.about}>{inLanguage(definition.description)}</span>}
      actions={
        <>
          <Select
            w={190}
            leftSection={<IconStack2 size={14} />}
            aria-label={t("compare.label")}
            data={compares.map((c) => ({ value: c, label: t(`compare.${c || "own"}`) }))}
            value={state.cmp}
            onChange={(v) => set({ cmp: compares.find((c) => c === v) ?? "" })}
            allowDeselect={false}
          />
          {onEdit && (
            <Button variant="default" leftSection={<IconPencil size={14} />} onClick={onEdit}>
              {t("board.edit")}
            </Button>
          )}
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="default" size={30} aria-label={t("board.more")}>
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<IconDownload size={15} />}
                onClick={() => download(`${id}.yaml`, file.yaml, "application/yaml")}
              >
                {t("board.yaml")}
              </Menu.Item>
              <Menu.Item leftSection={<IconPrinter size={15} />} onClick={() => setTimeout(() => window.print(), 200)}>
                {t("board.print")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      <TipLayer />
      <FilterPills {...filters} />
      <Progress
        board={board}
        total={definition.panels.filter((p) => p.view !== "text" && p.view !== "controls").length}
      />
      {board.problem && !board.busy && <ErrorState problem={board.problem} retry={board.again} />}
      <NoData board={board} range={range} />
      {definition.panels.length === 0 ? (
        <EmptyState title={t("board.noPanels")} text={t("board.noPanelsText")}>
          {onEdit && <Button onClick={onEdit}>{t("board.edit")}</Button>}
        </EmptyState>
      ) : (
        <Grid
          board={id}
          panels={panels}
          store={board.store}
          range={range}
          filters={filters}
          titleOf={titleOf}
          full={Boolean(full)}
          onFull={(panel) => set({ panel })}
          controls={(p) => (
            <Controls
              variables={definition.variables ?? []}
              names={p.controls ?? undefined}
              store={board.store}
              chosen={chosen}
              onChoose={choose}
            />
          )}
        />
      )}
      <Cost board={board} types={definition.types ?? []} />
    </Page>
  );
}

/** Progress is a thin line above the panels while answers arrive. It takes no room. */
export function Progress({ board, total }: { board: ReturnType<typeof useBoard>; total: number }) {
  const { t } = useTranslation("dashboards");
  const arrived = useArrived(board.store);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(board.busy), board.busy ? 120 : 0);
    return () => clearTimeout(timer);
  }, [board.busy]);
  return (
    <div className={classes.progress} data-board-state={board.busy ? "busy" : "done"}>
      {shown && board.busy && (
        <i
          role="progressbar"
          aria-label={t("board.loading")}
          aria-valuemin={0}
          aria-valuemax={total}
          aria-valuenow={arrived}
          style={{ width: `${Math.max(6, (arrived / Math.max(1, total)) * 100)}%` }}
        />
      )}
    </div>
  );
}

/** NoData says that nothing at all was read, and where to look. */
function NoData({ board, range }: { board: ReturnType<typeof useBoard>; range: Range }) {
  const { t } = useTranslation("dashboards");
  const rest = useRest(board.store);
  if (!rest || board.busy || rest.stats.questions === 0 || rest.stats.rows > 0) return null;
  return (
    <div className={`y-panel ${classes.notice}`} role="status">
      <span>{t("board.noData")}</span>
      <Button variant="default" size="compact-xs" onClick={() => range.set({ from: "now-30d", to: "now" })}>
        {t("board.month")}
      </Button>
      <Button variant="default" size="compact-xs" component={Go} to="/intake">
        {t("board.intake")}
      </Button>
    </div>
  );
}

function Cost({ board, types }: { board: ReturnType<typeof useBoard>; types: string[] }) {
  const { t } = useTranslation("dashboards");
  const rest = useRest(board.store);
  if (!rest) return <footer className={classes.cost} />;
  return (
    <footer className={classes.cost}>
      <span role="status" data-cost>
        {t("board.cost", {
          asked: num(rest.stats.asked),
          questions: num(rest.stats.questions),
          rows: num(rest.stats.rows),
          time: duration(rest.stats.elapsed_ms),
        })}
      </span>
      {types.map((x) => (
        <Tag key={x}>{x}</Tag>
      ))}
      <span className={classes.hint}>{t("board.hint")}</span>
    </footer>
  );
}
