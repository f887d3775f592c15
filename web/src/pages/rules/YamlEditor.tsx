import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import type { RuleProblem } from "./endpoints";
import classes from "./Rules.module.css";

export interface YamlEditorHandle {
  /** Shows a line and puts the cursor there. */
  line: (line: number, column?: number) => void;
}

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--y-accent)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--y-good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--y-warn)" },
  { tag: tags.comment, color: "var(--y-dim)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.meta], color: "var(--y-bad)" },
]);

/** YamlEditor is a text editor for a rule; problems stand where they are. Without onChange it only shows. Tab indents, Escape then Tab leaves. */
export function YamlEditor({
  value,
  onChange,
  problems,
  label,
  ref,
}: {
  value: string;
  onChange?: (text: string) => void;
  problems?: RuleProblem[];
  label: string;
  ref?: Ref<YamlEditorHandle>;
}) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const current = useRef(onChange);
  current.current = onChange;
  const own = useRef(value);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once
  useEffect(() => {
    const only = onChange === undefined;
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: own.current,
        extensions: [
          lineNumbers(),
          only ? [] : [history(), lintGutter(), highlightActiveLine()],
          drawSelection(),
          bracketMatching(),
          highlightSelectionMatches(),
          yaml(),
          indentUnit.of("  "),
          syntaxHighlighting(colours),
          EditorView.lineWrapping,
          EditorState.readOnly.of(only),
          EditorView.contentAttributes.of({
            "aria-label": label,
            spellcheck: "false",
            autocapitalize: "off",
            tabindex: "0",
          }),
          keymap.of([...(only ? [] : [indentWithTab, ...historyKeymap]), ...searchKeymap, ...defaultKeymap]),
          EditorView.updateListener.of((u) => {
            if (!u.docChanged) return;
            own.current = u.state.doc.toString();
            current.current?.(own.current);
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = undefined;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    const v = view.current;
    if (v && value !== own.current) v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const v = view.current;
    if (!v) return;
    const found: Diagnostic[] = (problems ?? []).map((p) => {
      const line = v.state.doc.line(Math.min(Math.max(p.line, 1), v.state.doc.lines));
      const from = Math.min(line.to, line.from + Math.max(0, p.column - 1));
      const word = /^[^\s:,\]}]+/.exec(v.state.sliceDoc(from, line.to))?.[0].length ?? 0;
      return {
        from,
        to: Math.max(from, Math.min(line.to, from + Math.max(word, 1))),
        severity: p.warning ? "warning" : "error",
        message: p.hint ? `${p.message}\n${p.hint}` : p.message,
      };
    });
    v.dispatch(setDiagnostics(v.state, found));
  }, [problems]);

  useImperativeHandle(ref, () => ({
    line: (n, column = 1) => {
      const v = view.current;
      if (!v) return;
      const line = v.state.doc.line(Math.min(Math.max(n, 1), v.state.doc.lines));
      const at = Math.min(line.to, line.from + Math.max(0, column - 1));
      v.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      v.focus();
    },
  }));
  return <div ref={host} className={classes.editor} data-editor />;
}
