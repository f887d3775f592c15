import { closeCompletion, completionStatus, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, insertNewline } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import { drawSelection, EditorView, placeholder as ghost, keymap } from "@codemirror/view";
import { IconArrowNarrowRight } from "@tabler/icons-react";
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { unitsAt } from "@/ui/visible";
import { type Complete, completion, completionKeys, highlighting } from "./extensions";
import { readHistory, remember } from "./history";
import classes from "./QueryBar.module.css";

/** A fault of the text. offset and length are bytes of UTF-8, as the server gives them. */
export interface QueryFault {
  message: string;
  hint?: string;
  offset?: number;
  length?: number;
}

export interface QueryBarHandle {
  focus: () => void;
  /** Replaces the text and leaves the cursor at its end. */
  write: (text: string) => void;
  /** The text as it stands, run or not. */
  read: () => string;
}

export interface QueryBarProps {
  /** The question that was run. When it changes from outside (back button), the editor shows it. */
  value: string;
  /** Enter. The text is remembered in the history of this browser. */
  onRun: (text: string) => void;
  /** Each change, for a parent that shows the draft elsewhere. Must be cheap. */
  onDraft?: (text: string) => void;
  /** What could be written at a place; absent = no proposals. */
  complete?: Complete;
  /** Reads a text and says what is wrong; asked 350 ms after typing ended. */
  check?: (text: string, signal: AbortSignal) => Promise<QueryFault | undefined>;
  /** What the server said of the question that was run. */
  fault?: QueryFault;
  placeholder?: string;
  label: string;
  /** Arrow-up in an empty bar walks through what was asked before. On by default. */
  history?: boolean;
  /** Standing at the right end of the bar: help, run. */
  children?: React.ReactNode;
  ref?: Ref<QueryBarHandle>;
}

/**
 * QueryBar is the editor of a question: colours, proposals, faults in place, history. Enter runs, Shift-Enter breaks the line.
 * It keeps its own text; nothing it asks for holds typing up.
 */
export function QueryBar(props: QueryBarProps) {
  const { t } = useTranslation("explore");
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const current = useRef(props);
  current.current = props;
  const [fault, setFault] = useState<QueryFault>();
  const [focused, setFocused] = useState(false);
  const [open, setOpen] = useState(false);
  const walk = useRef({ at: -1, text: "" });
  const texts = useRef(new Compartment());
  const timer = useRef<{ id?: ReturnType<typeof setTimeout>; abort?: AbortController }>({});

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; it reads props by the ref
  useEffect(() => {
    const run = (v: EditorView) => {
      const text = v.state.doc.toString();
      closeCompletion(v);
      remember(text);
      walk.current.at = -1;
      current.current.onRun(text.trim());
      return true;
    };
    const step = (v: EditorView, by: 1 | -1) => {
      if (current.current.history === false || completionStatus(v.state) === "active") return false;
      const text = v.state.doc.toString();
      const w = walk.current;
      const walking = w.at >= 0 && text === w.text;
      if (!walking && (by < 0 || text !== "")) return false;
      const all = readHistory();
      const next = (walking ? w.at : -1) + by;
      if (next >= all.length) return true;
      const put = next < 0 ? "" : all[next]!;
      walk.current = { at: next, text: put };
      replace(v, put);
      return true;
    };
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: current.current.value,
        extensions: [
          Prec.highest(
            keymap.of([
              ...completionKeys,
              { key: "Enter", run },
              { key: "Mod-Enter", run },
              { key: "Shift-Enter", run: insertNewline },
              { key: "ArrowUp", run: (v) => step(v, 1) },
              { key: "ArrowDown", run: (v) => step(v, -1) },
              { key: "Mod-Space", run: startCompletion },
              { key: "Escape", run: leave },
            ]),
          ),
          history(),
          drawSelection(),
          bracketMatching(),
          highlighting,
          completion(() => current.current.complete),
          EditorView.lineWrapping,
          keymap.of([...defaultKeymap.filter((k) => k.key !== "Enter"), ...historyKeymap]),
          texts.current.of(wording(current.current)),
          EditorView.updateListener.of((u) => {
            if (u.focusChanged) setFocused(u.view.hasFocus);
            setOpen(completionStatus(u.state) === "active");
            if (!u.docChanged) return;
            const text = u.state.doc.toString();
            current.current.onDraft?.(text);
            later(u.view, text);
          }),
        ],
      }),
    });
    view.current = editor;
    const later = (v: EditorView, text: string) => {
      clearTimeout(timer.current.id);
      timer.current.abort?.abort();
      setFault(undefined);
      queueMicrotask(() => v.dispatch(setDiagnostics(v.state, [])));
      const { check } = current.current;
      if (!check || text.trim() === "") return;
      timer.current.id = setTimeout(() => {
        const abort = new AbortController();
        timer.current.abort = abort;
        check(text, abort.signal).then(
          (f) => !abort.signal.aborted && view.current?.state.doc.toString() === text && show(f),
          () => {},
        );
      }, 350);
    };
    return () => {
      clearTimeout(timer.current.id);
      timer.current.abort?.abort();
      view.current = undefined;
      editor.destroy();
    };
  }, []);

  const show = (f: QueryFault | undefined) => {
    setFault(f);
    const v = view.current;
    if (!v) return;
    const text = v.state.doc.toString();
    const found: Diagnostic[] = [];
    if (f?.offset !== undefined) {
      const from = unitsAt(text, f.offset);
      const to = unitsAt(text, f.offset + (f.length ?? 0));
      const last = Math.max(from, to, Math.min(text.length, from + 1));
      found.push({
        from: last === from ? Math.max(0, from - 1) : from,
        to: last,
        severity: "error",
        message: f.message,
      });
    }
    v.dispatch(setDiagnostics(v.state, found));
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: show is made anew each time
  useEffect(() => {
    if (props.fault) show(props.fault);
  }, [props.fault]);

  useEffect(() => {
    const v = view.current;
    if (v && v.state.doc.toString().trim() !== props.value.trim()) replace(v, props.value);
  }, [props.value]);

  const { label, placeholder } = props;
  useEffect(() => {
    view.current?.dispatch({ effects: texts.current.reconfigure(wording({ label, placeholder })) });
  }, [label, placeholder]);

  useImperativeHandle(props.ref, () => ({
    focus: () => {
      view.current?.focus();
    },
    write: (text) => {
      const v = view.current;
      if (!v) return;
      replace(v, text);
      v.focus();
    },
    read: () => view.current?.state.doc.toString() ?? "",
  }));

  return (
    <div className={classes.frame} data-focused={focused || undefined} data-bad={fault !== undefined || undefined}>
      <div className={classes.editor} ref={host} />
      <div className={classes.end}>{props.children}</div>
      <div className={classes.fault} role="alert" hidden={!fault || open}>
        {fault && (
          <>
            <span>{fault.message}</span>
            {fault.hint && (
              <span className={classes.hint}>
                <IconArrowNarrowRight size={14} aria-label={t("query.instead")} /> {fault.hint}
              </span>
            )}
          </>
        )}
      </div>
    </div>
  );
}

/** Escape closes the proposals; without any it gives the keyboard back to the page. */
function leave(v: EditorView): boolean {
  if (!closeCompletion(v)) v.contentDOM.blur();
  return true;
}

/** The texts of the editor, which follow the language. */
function wording({ label, placeholder }: { label: string; placeholder?: string }): Extension {
  return [
    ghost(placeholder ?? ""),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0", autocapitalize: "off" }),
  ];
}

function replace(v: EditorView, text: string) {
  v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: text }, selection: { anchor: text.length } });
}
