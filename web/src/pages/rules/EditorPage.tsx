import { Button } from "@mantine/core";
import { IconArrowLeft, IconCircleCheck, IconDeviceFloppy, IconDownload } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Severity, useAction, useApi } from "@/api";
import { useRouteParams } from "@/app/router";
import { useCan } from "@/app/session";
import { pick } from "@/i18n";
import detail from "@/pages/alerts/Alert.module.css";
import { flag, useUrlState } from "@/state";
import { download, ErrorState, Go, Loading, Page, Panel, SeverityBadge, Tag, visible } from "@/ui";
import { readDraft } from "@/views/ruleDraft";
import { ConditionTree } from "./ConditionTree";
import "./endpoints";
import { ExplainPanel } from "./ExplainPanel";
import type { RuleSaved } from "./endpoints";
import { Problems, Tests } from "./Parts";
import classes from "./Rules.module.css";
import { useCheck } from "./useCheck";
import { newRule } from "./words";
import { YamlEditor, type YamlEditorHandle } from "./YamlEditor";

const spec = { draft: flag() };

/** Editor of a rule: a new one, one made of a search, or a rule that is there. A built-in one is saved as a file that stands in for it. */
export default function EditorPage() {
  const { t } = useTranslation("rules");
  const { id } = useRouteParams();
  const [{ draft }] = useUrlState(spec);
  const rule = useApi("GET /rules/{id}", { path: { id: id ?? "" } }, { enabled: id !== undefined, keep: false });
  const [start] = useState(() => {
    if (id !== undefined) return undefined;
    const made = draft ? readDraft() : undefined;
    return made ?? { yaml: newRule(new Date().toISOString().slice(0, 10)), notes: [] };
  });
  const title = t(id === undefined ? "new" : "edit");
  if (id !== undefined && rule.error)
    return (
      <Page title={title}>
        <ErrorState problem={rule.error} retry={() => rule.refetch()} />
      </Page>
    );
  const from = start?.yaml ?? rule.data?.yaml;
  if (from === undefined)
    return (
      <Page title={title}>
        <Loading height={500} />
      </Page>
    );
  return (
    <Editor
      key={id ?? "new"}
      name={id ?? (draft ? "draft" : "new")}
      start={from}
      notes={start?.notes ?? []}
      title={title}
      standsIn={rule.data?.origin === "builtin"}
    />
  );
}

interface Kept {
  start: string;
  text: string;
}

/** What was typed survives a reload of the tab, as long as it began with the same text. A new rule may begin anew each time. */
function readKept(key: string, start: string, isNew: boolean): string {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null") as Kept | null;
    return kept && (isNew || kept.start === start) ? kept.text : start;
  } catch {
    return start;
  }
}

function Editor({
  name,
  start,
  notes,
  title,
  standsIn,
}: {
  name: string;
  start: string;
  notes: string[];
  title: string;
  standsIn: boolean;
}) {
  const { t } = useTranslation("rules");
  const may = useCan("rules.save");
  const key = `yagura.rule.text.${name}`;
  const [text, setText] = useState(() => readKept(key, start, name === "new"));
  const [clean, setClean] = useState(start);
  const [saved, setSaved] = useState<RuleSaved>();
  const editor = useRef<YamlEditorHandle>(null);
  const check = useCheck(text);
  const save = useAction("PUT /rules/{id}", { refresh: ["GET /rules"] });
  const changed = text !== clean;
  useEffect(() => {
    if (text === start) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify({ start, text }));
  }, [text, start, key]);
  useEffect(() => {
    if (!changed) return;
    const stay = (e: BeforeUnloadEvent) => e.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [changed]);

  const result = check.result;
  const problems = result?.problems ?? [];
  const wrong = problems.filter((p) => !p.warning).length;
  const failed = (result?.tests ?? []).filter((x) => !x.ok).length;
  const rule = result?.rule;
  const write = () => {
    if (!rule) return;
    setSaved(undefined);
    save.mutate(
      { path: { id: rule.id.toLowerCase() }, body: { yaml: text } },
      {
        onSuccess: (answer) => {
          setSaved(answer);
          setClean(text);
        },
      },
    );
  };
  return (
    <Page
      title={title}
      subtitle={
        <div className={detail.subtitle}>
          <Go
            to={name === "new" || name === "draft" ? "/rules" : `/rules/${encodeURIComponent(name)}`}
            className={detail.back}
          >
            <IconArrowLeft size={14} aria-hidden /> {t("back")}
          </Go>
          {changed && <Tag mood="warn">{t("editor.changed")}</Tag>}
          {standsIn && <span className="y-dim">{t("editor.standsIn")}</span>}
        </div>
      }
      actions={
        <>
          {changed && name !== "draft" && (
            <Button variant="subtle" onClick={() => setText(clean)}>
              {t("editor.revert")}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconDownload size={14} />}
            onClick={() => download(`${rule?.id ?? "rule"}.yaml`, text, "application/yaml")}
          >
            {t("editor.download")}
          </Button>
          <Button
            leftSection={<IconDeviceFloppy size={14} />}
            loading={save.isPending}
            disabled={!may || !rule || wrong > 0 || check.busy}
            onClick={write}
          >
            {t("editor.save")}
          </Button>
        </>
      }
    >
      {!may && <p className={detail.refused}>{t("editor.refused")}</p>}
      {saved && (
        <div className={classes.saved} role="status">
          <IconCircleCheck size={18} aria-hidden />
          <div>
            <b>{t("editor.saved")}</b> {t(`editor.effective.${saved.effective}`)}
            <div className="y-mono y-dim">{visible(saved.file ?? saved.rule.file, 500)}</div>
          </div>
        </div>
      )}
      {save.error && <ErrorState problem={save.error} small />}
      <div className={classes.editLayout}>
        <section className={`y-panel ${classes.editPanel}`} aria-label={t("file.title")}>
          <YamlEditor ref={editor} value={text} onChange={setText} problems={problems} label={t("editor.label")} />
        </section>
        <div className={detail.column}>
          {notes.length > 0 && (
            <Panel title={t("editor.notes")}>
              <ul className={classes.notes}>
                {notes.map((n) => (
                  <li key={n}>{visible(n, 500)}</li>
                ))}
              </ul>
            </Panel>
          )}
          <Panel title={t("check.title")} className={check.busy && result ? "y-stale" : undefined}>
            <div aria-live="polite" data-checked={check.busy ? undefined : true}>
              {check.problem && !result ? (
                <ErrorState problem={check.problem} small />
              ) : !result ? (
                <Loading rows={3} />
              ) : (
                <>
                  <p className={classes.verdictLine}>
                    {wrong > 0 ? (
                      <Tag mood="bad">{t("check.wrong", { count: wrong })}</Tag>
                    ) : problems.length > 0 ? (
                      <Tag mood="warn">{t("check.warnings", { count: problems.length })}</Tag>
                    ) : (
                      <Tag mood="good">{t("check.good")}</Tag>
                    )}
                    {rule && (
                      <>
                        <SeverityBadge level={rule.level as Severity} />
                        <span>{visible(pick(rule, "title"), 200)}</span>
                      </>
                    )}
                  </p>
                  {problems.length > 0 && (
                    <Problems problems={problems} onPlace={(p) => editor.current?.line(p.line, p.column)} />
                  )}
                  {rule && (
                    <p className={`${classes.plainText} y-dim`}>
                      {(rule.log_types ?? []).length > 0
                        ? t("check.types", { types: rule.log_types.map((x) => visible(x, 60)).join(", ") })
                        : t("check.noTypes")}
                    </p>
                  )}
                </>
              )}
            </div>
          </Panel>
          {result?.tree && (
            <Panel title={t("tree.title")}>
              <ConditionTree tree={result.tree} onLine={(n) => editor.current?.line(n)} />
            </Panel>
          )}
          {rule && (
            <Panel
              title={failed > 0 ? t("tests.someFailed", { count: failed }) : t("tests.title")}
              className={check.busy ? "y-stale" : undefined}
            >
              <Tests tests={result?.tests ?? []} />
            </Panel>
          )}
          {rule && <ExplainPanel yaml={text} onLine={(n) => editor.current?.line(n)} />}
        </div>
      </div>
    </Page>
  );
}
