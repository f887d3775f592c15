import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api";
import type { BoardProblem, Definition } from "@/charts/model";
import classes from "../Board.module.css";
import { Problems } from "../Problems";

/** Colours of both schemes, by the page's variables. */
const colors = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--y-accent)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--y-good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--y-warn)" },
  { tag: tags.comment, color: "var(--y-dim)", fontStyle: "italic" },
]);

/** YamlEditor is the file as text. Faults stand at their place; "Apply" shows the text as panels. */
export function YamlEditor({
  value,
  problems,
  onApply,
}: {
  value: string;
  problems: BoardProblem[];
  onApply: (yaml: string, d: Definition, problems: BoardProblem[]) => void;
}) {
  const { t } = useTranslation("dashboards");
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const [found, setFound] = useState<BoardProblem[]>(problems);
  const [checked, setChecked] = useState<{ text: string; d: Definition }>();
  const [text, setText] = useState(value);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once for a text
  useEffect(() => {
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(),
          history(),
          yaml(),
          syntaxHighlighting(colors),
          lintGutter(),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.contentAttributes.of({ "aria-label": t("edit.yaml") }),
          EditorView.updateListener.of((u) => u.docChanged && setText(u.state.doc.toString())),
        ],
      }),
    });
    view.current = editor;
    mark(editor, problems);
    return () => editor.destroy();
  }, []);

  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const c = await api("POST /dashboards/check", { body: { yaml: text } }, { signal: abort.signal });
        setFound(c.problems ?? []);
        setChecked({ text, d: c.dashboard as Definition });
        if (view.current) mark(view.current, c.problems ?? []);
      } catch {
        // Superseded, or no answer: the next change asks again.
      }
    }, 400);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);

  const hard = found.some((p) => !p.warning);
  return (
    <>
      <div className={classes.sideHead}>
        <h2>{t("edit.yaml")}</h2>
        <Button
          disabled={hard || !checked || checked.text !== text || text === value}
          onClick={() => checked && onApply(checked.text, checked.d, found)}
        >
          {t("edit.apply")}
        </Button>
      </div>
      <div ref={host} className={classes.yaml} data-yaml />
      <div aria-live="polite">
        {found.length > 0 ? <Problems problems={found} /> : <span className="y-dim">{t("edit.good")}</span>}
      </div>
    </>
  );
}

function mark(v: EditorView, problems: BoardProblem[]): void {
  const doc = v.state.doc;
  const all = problems.flatMap((p): Diagnostic[] => {
    if (p.line < 1 || p.line > doc.lines) return [];
    const line = doc.line(p.line);
    const from = Math.min(line.to, line.from + Math.max(0, p.column - 1));
    return [
      {
        from,
        to: Math.max(line.to, from),
        severity: p.warning ? "warning" : "error",
        message: p.hint ? `${p.message}\n${p.hint}` : p.message,
      },
    ];
  });
  v.dispatch(setDiagnostics(v.state, all));
}
