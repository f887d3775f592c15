import { ActionIcon, Button, Menu, Modal, TextInput, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconArrowBackUp,
  IconCopy,
  IconDeviceFloppy,
  IconDots,
  IconDownload,
  IconFileCode,
  IconGripVertical,
  IconPencil,
  IconPlus,
  IconRestore,
  IconTrash,
} from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, Problem, problemOf, queryClient } from "@/api";
import { go } from "@/app/router";
import { type BoardProblem, type Definition, inLanguage, type PanelDefinition } from "@/charts/model";
import { TipLayer } from "@/charts/Tip";
import { useFilters, useRange } from "@/state";
import { useUrlState } from "@/state/useUrlState";
import { download, ErrorState, FilterPills, Page, useFilterTarget } from "@/ui";
import classes from "../Board.module.css";
import { Progress } from "../BoardPage";
import { Controls } from "../Controls";
import type { BoardFile, BoardRun } from "../endpoints";
import { Grid } from "../Grid";
import { Problems } from "../Problems";
import { sizeOf } from "../sizes";
import { boardSpec, readVariables, writeVariable } from "../state";
import { useBoard } from "../useBoard";
import { useTitles } from "../useTitles";
import { addPanel, askedOf, copyPanel, movePanel, removePanel, resizePanel, withPanel } from "./draft";
import { PanelEditor } from "./PanelEditor";
import { YamlEditor } from "./YamlEditor";

const views = [
  "number",
  "table",
  "donut",
  "bar",
  "line",
  "area",
  "heatmap",
  "map",
  "sankey",
  "treemap",
  "events",
  "text",
  "controls",
];

/** A state to come back to: the definition, and the text when it was written as YAML. */
interface Draft {
  d: Definition;
  yaml?: string;
}

/** Editor changes a dashboard in place: order and size by pointer and keys, panels in a form, the whole as YAML. Nothing is saved before "Save". */
export default function Editor({
  id,
  file,
  reload,
  done,
}: {
  id: string;
  file: BoardFile;
  reload: () => void;
  done: () => void;
}) {
  const { t } = useTranslation("dashboards");
  const broken = file.problems?.some((p) => !p.warning);
  const [steps, setSteps] = useState<Draft[]>(() => [{ d: file.dashboard as Definition, yaml: file.yaml }]);
  const [live, setLive] = useState<Draft>();
  const [selected, setSelected] = useState<string>();
  const [asText, setAsText] = useState(Boolean(broken));
  const [problems, setProblems] = useState<BoardProblem[]>(file.problems ?? []);
  const [runYaml, setRunYaml] = useState(broken ? "" : file.yaml);
  const [error, setError] = useState<Problem>();
  const [conflict, setConflict] = useState(false);
  const [copying, setCopying] = useState<string>();
  const [etag, setEtag] = useState(file.etag);
  const draft = live ?? steps.at(-1)!;
  const d = draft.d;
  const dirty = steps.length > 1;
  const change = (next: Definition) => {
    setLive(undefined);
    if (next !== steps.at(-1)!.d) setSteps([...steps.slice(-99), { d: next }]);
  };

  useEffect(() => {
    const ask = (e: BeforeUnloadEvent) => dirty && e.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);

  // What is asked follows the draft after a short rest; the server writes the YAML and says what is wrong.
  const asked = useMemo(() => askedOf(d), [d]);
  const latest = useRef(draft);
  latest.current = draft;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked stands for the draft
  useEffect(() => {
    if (!dirty) return;
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const body = latest.current.yaml ? { yaml: latest.current.yaml } : { dashboard: latest.current.d };
        const c = await api("POST /dashboards/check", { body }, { signal: abort.signal });
        setProblems(c.problems ?? []);
        if (!c.problems?.some((p) => !p.warning)) setRunYaml(c.yaml);
      } catch (e) {
        if (!abort.signal.aborted) setError(problemOf(e));
      }
    }, 350);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [asked, dirty]);

  const [state, set] = useUrlState(boardSpec);
  const range = useRange();
  const filters = useFilters();
  const titleOf = useTitles();
  const chosen = useMemo(() => readVariables(state.v), [state.v]);
  const input = useMemo<BoardRun | undefined>(
    () =>
      runYaml
        ? {
            yaml: runYaml,
            ...range.scope,
            variables: chosen,
            filters: filters.api as BoardRun["filters"],
            compare: (state.cmp || undefined) as BoardRun["compare"],
            choices: true,
          }
        : undefined,
    [runYaml, range.scope, chosen, filters.api, state.cmp],
  );
  const board = useBoard(input);
  useFilterTarget((field, value, mode) => filters.addFilter(field, value, mode));

  const save = async (as: string, match: string | undefined) => {
    setError(undefined);
    try {
      const f = await api(
        "PUT /dashboards/{id}",
        { path: { id: as }, body: draft.yaml ? { yaml: draft.yaml } : { dashboard: d } },
        { headers: match ? { "If-Match": match } : {} },
      );
      setEtag(f.etag);
      setSteps([{ d: f.dashboard as Definition, yaml: f.yaml }]);
      setConflict(false);
      await queryClient.invalidateQueries({ queryKey: ["GET /dashboards"] });
      await queryClient.invalidateQueries({ queryKey: ["GET /dashboards/{id}"] });
      notifications.show({ message: t("edit.saved", { file: `content/dashboards/${as}.yaml` }), autoClose: 3000 });
      if (as !== id) go(`/dashboards/${as}`);
      else done();
    } catch (e) {
      const p = problemOf(e);
      if (p.status === 412 || p.status === 409) setConflict(true);
      else setError(p);
    }
  };
  const revert = async () => {
    try {
      await api("DELETE /dashboards/{id}", { path: { id } });
      await queryClient.invalidateQueries({ queryKey: ["GET /dashboards"] });
      if (file.replaces) {
        await queryClient.invalidateQueries({ queryKey: ["GET /dashboards/{id}"] });
        reload();
        done();
      } else go("/dashboards");
    } catch (e) {
      setError(problemOf(e));
    }
  };
  const undo = () => steps.length > 1 && setSteps(steps.slice(0, -1));
  const index = d.panels.findIndex((p) => p.id === selected);
  const panel = d.panels[index];
  const hard = problems.filter((p) => !p.warning);
  return (
    <Page
      title={t("edit.title", { title: inLanguage(d.title) || id })}
      subtitle={file.origin === "builtin" ? t("edit.builtin") : `content/dashboards/${id}.yaml`}
      actions={
        <>
          <Tooltip label={t("edit.undo")}>
            <ActionIcon variant="default" size={30} onClick={undo} disabled={!dirty} aria-label={t("edit.undo")}>
              <IconArrowBackUp size={16} />
            </ActionIcon>
          </Tooltip>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" leftSection={<IconPlus size={14} />}>
                {t("edit.add")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {views.map((v) => (
                <Menu.Item
                  key={v}
                  onClick={() => {
                    const next = addPanel(d, v, { en: t(`view.${v}`), ja: t(`view.${v}`) });
                    change(next);
                    setSelected(next.panels.at(-1)!.id);
                    setAsText(false);
                  }}
                >
                  {t(`view.${v}`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          <Button
            variant={asText ? "light" : "default"}
            leftSection={<IconFileCode size={14} />}
            onClick={() => {
              setAsText(!asText);
              setSelected(undefined);
            }}
            aria-pressed={asText}
          >
            YAML
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="default" size={30} aria-label={t("board.more")}>
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => setCopying(`${id}-copy`)}>
                {t("edit.copy")}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconDownload size={15} />}
                onClick={() => download(`${id}.yaml`, draft.yaml ?? runYaml, "application/yaml")}
              >
                {t("board.yaml")}
              </Menu.Item>
              {file.origin === "user" && file.editable && (
                <Menu.Item color="red" leftSection={<IconRestore size={15} />} onClick={revert}>
                  {t(file.replaces ? "edit.revert" : "edit.delete")}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
          <Button variant="default" onClick={done}>
            {t(dirty ? "edit.discard" : "edit.close")}
          </Button>
          <Button
            leftSection={<IconDeviceFloppy size={15} />}
            disabled={!dirty || hard.length > 0}
            onClick={() => save(id, etag)}
          >
            {t("edit.save")}
          </Button>
        </>
      }
    >
      <TipLayer />
      <FilterPills {...filters} />
      <Progress board={board} total={d.panels.length} />
      {error && <ErrorState problem={error} />}
      {board.problem && !board.busy && <ErrorState problem={board.problem} retry={board.again} />}
      {hard.length > 0 && !asText && (
        <div className="y-panel" style={{ padding: 12, marginBottom: 12 }} role="alert">
          <Problems problems={hard} />
        </div>
      )}
      <div className={panel || asText ? classes.editing : undefined}>
        <Grid
          board={id}
          panels={d.panels}
          store={board.store}
          range={range}
          filters={filters}
          titleOf={titleOf}
          full={false}
          onFull={() => {}}
          controls={(p) => (
            <Controls
              variables={d.variables ?? []}
              names={p.controls ?? undefined}
              store={board.store}
              chosen={chosen}
              onChoose={(v, values) => set({ v: writeVariable(state.v, v.name, values, v.default ?? []) })}
            />
          )}
          edit={(p, i) => ({
            head: (
              <Tools
                panel={p}
                on={p.id === selected}
                onEdit={() => {
                  setSelected(p.id === selected ? undefined : p.id);
                  setAsText(false);
                }}
                onCopy={() => change(copyPanel(d, i))}
                onRemove={() => change(removePanel(d, i))}
                onKeys={(dx, dy, size) =>
                  change(size ? resizePanel(d, i, sizeOf(p).w + dx, sizeOf(p).h + dy) : movePanel(d, i, i + (dx || dy)))
                }
                onDrag={(over) => {
                  const to = d.panels.findIndex((x) => x.id === over);
                  const from = d.panels.findIndex((x) => x.id === p.id);
                  if (to >= 0 && to !== from) setLive({ d: movePanel(d, from, to) });
                }}
                onDrop={() => change(d)}
              />
            ),
            corner: (
              <Corner
                panel={p}
                onSize={(w, h) => setLive({ d: resizePanel(d, i, w, h) })}
                onDrop={() => change(d)}
                label={t("edit.resize", { title: inLanguage(p.title) || p.id })}
              />
            ),
          })}
        />
        {asText ? (
          <aside className={`y-panel ${classes.side}`} aria-label={t("edit.yaml")}>
            <YamlEditor
              key={steps.length}
              value={draft.yaml ?? runYaml}
              problems={problems}
              onApply={(yaml, next, found) => {
                setProblems(found);
                setSteps([...steps.slice(-99), { d: next, yaml }]);
                setRunYaml(yaml);
              }}
            />
          </aside>
        ) : (
          panel && (
            <PanelEditor
              key={panel.id}
              panel={panel}
              onChange={(p) => change(withPanel(d, index, p))}
              onClose={() => setSelected(undefined)}
              scope={range.scope}
            />
          )
        )}
      </div>
      {conflict && (
        <Modal
          closeButtonProps={{ "aria-label": t("common:close") }}
          opened
          onClose={() => setConflict(false)}
          title={t("edit.conflict")}
        >
          <p style={{ marginTop: 0 }}>{t("edit.conflictText")}</p>
          <div style={{ display: "flex", gap: 8, justifyContent: "flex-end" }}>
            <Button
              variant="default"
              onClick={() => {
                reload();
                done();
              }}
            >
              {t("edit.theirs")}
            </Button>
            <Button color="red" onClick={() => save(id, undefined)}>
              {t("edit.mine")}
            </Button>
          </div>
        </Modal>
      )}
      {copying !== undefined && (
        <Modal
          closeButtonProps={{ "aria-label": t("common:close") }}
          opened
          onClose={() => setCopying(undefined)}
          title={t("edit.copy")}
        >
          <form
            className={classes.form}
            onSubmit={async (e) => {
              e.preventDefault();
              const list = await api("GET /dashboards");
              if (list.items.some((x) => x.id === copying))
                return setError(new Problem(409, { title: t("new.taken") }));
              setCopying(undefined);
              await save(copying, undefined);
            }}
          >
            <TextInput
              data-autofocus
              label={t("new.file")}
              description={`content/dashboards/${copying}.yaml`}
              value={copying}
              error={/^[a-z0-9][a-z0-9-]{0,60}$/.test(copying) ? "" : t("new.badName")}
              onChange={(e) => setCopying(e.currentTarget.value)}
            />
            <Button type="submit">{t("edit.save")}</Button>
          </form>
        </Modal>
      )}
    </Page>
  );
}

function Tools(props: {
  panel: PanelDefinition;
  on: boolean;
  onEdit: () => void;
  onCopy: () => void;
  onRemove: () => void;
  onKeys: (dx: number, dy: number, size: boolean) => void;
  onDrag: (over: string) => void;
  onDrop: () => void;
}) {
  const { t } = useTranslation("dashboards");
  const title = inLanguage(props.panel.title) || props.panel.id;
  const dragging = useRef(false);
  return (
    <div className={classes.editTools}>
      <ActionIcon
        className={classes.grip}
        size={24}
        aria-label={t("edit.move", { title })}
        title={t("edit.moveHelp")}
        data-grip={props.panel.id}
        onPointerDown={(e) => {
          dragging.current = true;
          e.currentTarget.setPointerCapture(e.pointerId);
        }}
        onPointerMove={(e) => {
          if (!dragging.current) return;
          const over = document.elementFromPoint(e.clientX, e.clientY)?.closest<HTMLElement>("[data-cell]")
            ?.dataset.cell;
          if (over && over !== props.panel.id) props.onDrag(over);
        }}
        onPointerUp={() => {
          dragging.current = false;
          props.onDrop();
        }}
        onKeyDown={(e) => {
          const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
          if (!step) return;
          e.preventDefault();
          props.onKeys(step[0]!, step[1]!, e.shiftKey);
        }}
      >
        <IconGripVertical size={15} />
      </ActionIcon>
      <ActionIcon
        size={24}
        variant={props.on ? "light" : "subtle"}
        aria-label={t("edit.panel", { title })}
        onClick={props.onEdit}
        data-edit={props.panel.id}
      >
        <IconPencil size={15} />
      </ActionIcon>
      <ActionIcon size={24} aria-label={t("edit.duplicate", { title })} onClick={props.onCopy}>
        <IconCopy size={15} />
      </ActionIcon>
      <ActionIcon
        size={24}
        aria-label={t("edit.remove", { title })}
        onClick={props.onRemove}
        data-remove={props.panel.id}
      >
        <IconTrash size={15} />
      </ActionIcon>
    </div>
  );
}

function Corner({
  panel,
  onSize,
  onDrop,
  label,
}: {
  panel: PanelDefinition;
  onSize: (w: number, h: number) => void;
  onDrop: () => void;
  label: string;
}) {
  const start = useRef<{ x: number; y: number; w: number; h: number; column: number }>(undefined);
  return (
    <button
      type="button"
      className={classes.corner}
      aria-label={label}
      tabIndex={-1}
      onPointerDown={(e) => {
        const grid = e.currentTarget.closest<HTMLElement>("[data-grid]")!;
        start.current = { x: e.clientX, y: e.clientY, ...sizeOf(panel), column: (grid.clientWidth + 12) / 12 };
        e.currentTarget.setPointerCapture(e.pointerId);
      }}
      onPointerMove={(e) => {
        const s = start.current;
        if (s) onSize(s.w + Math.round((e.clientX - s.x) / s.column), s.h + Math.round((e.clientY - s.y) / 40));
      }}
      onPointerUp={() => {
        start.current = undefined;
        onDrop();
      }}
    />
  );
}
