import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionStatus,
  moveCompletionSelection,
  selectedCompletion,
} from "@codemirror/autocomplete";
import { type Extension, RangeSetBuilder } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  type KeyBinding,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import type { Completion as Answer } from "@/api";
import { bytesAt, unitsAt } from "@/ui/visible";
import { type Kind, tokens } from "./tokens";

const marks = new Map<Kind, Decoration>();
function mark(kind: Kind): Decoration {
  let m = marks.get(kind);
  if (!m) {
    m = Decoration.mark({ class: `yq-${kind}` });
    marks.set(kind, m);
  }
  return m;
}

function colour(view: EditorView): DecorationSet {
  const text = view.state.doc.toString();
  const b = new RangeSetBuilder<Decoration>();
  if (text.length <= 20_000)
    for (const t of tokens(text)) if (t.to > t.from) b.add(t.from, Math.min(t.to, text.length), mark(t.kind));
  return b.finish();
}

/** highlighting colours the query; texts beyond 20,000 characters stay plain. */
export const highlighting: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = colour(view);
    }
    update(u: ViewUpdate) {
      if (u.docChanged) this.decorations = colour(u.view);
    }
  },
  { decorations: (v) => v.decorations },
);

/** Complete asks what could be written at a place, in bytes of UTF-8. It rejects when the signal fires. */
export type Complete = (text: string, position: number, signal: AbortSignal) => Promise<Answer>;

/** completion proposes what the server knows. The question is asked while typing goes on; an older one is given up. */
export function completion(complete: () => Complete | undefined): Extension {
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const ask = complete();
    if (!ask) return null;
    const text = context.state.doc.toString();
    if (text.length > 20_000) return null;
    const abort = new AbortController();
    context.addEventListener("abort", () => abort.abort(), { onDocChange: true });
    let answer: Answer;
    try {
      answer = await ask(text, bytesAt(text, context.pos), abort.signal);
    } catch {
      return null;
    }
    if (context.aborted || answer.items.length === 0) return null;
    return {
      from: Math.min(unitsAt(text, answer.from), context.pos),
      options: answer.items.map(option),
      filter: false,
    };
  };
  return autocompletion({
    override: [source],
    activateOnTypingDelay: 90,
    selectOnOpen: false,
    icons: false,
    closeOnBlur: true,
    maxRenderedOptions: 60,
    optionClass: (o) => `yq-option yq-option-${o.type}`,
    addToOptions: [{ render: (o) => badge(o.type ?? ""), position: 10 }],
  });
}

function option(item: Answer["items"][number], i: number): Completion {
  return {
    label: item.label,
    type: item.kind,
    detail: item.detail || undefined,
    boost: -i,
    apply: (view, _, from, to) => {
      const after = item.kind === "field" && !item.insert.endsWith(":") && inCondition(view, from) ? ":" : "";
      const next = view.state.sliceDoc(to, to + 1);
      const text = item.insert + (after && next !== ":" ? after : "");
      view.dispatch({
        changes: { from, to, insert: text },
        selection: { anchor: from + text.length },
        userEvent: "input.complete",
      });
    },
  };
}

function inCondition(view: EditorView, at: number): boolean {
  return !/\|\s/.test(view.state.sliceDoc(0, at));
}

function badge(kind: string): Node {
  const el = document.createElement("span");
  el.className = "yq-badge";
  el.textContent = { field: "f", value: "v", keyword: "k", stage: "|", function: "ƒ", column: "c" }[kind] ?? "·";
  el.setAttribute("aria-hidden", "true");
  return el;
}

/** Tab takes the chosen proposal, or the first. Enter is left to the query unless a proposal was chosen. */
export const completionKeys: KeyBinding[] = [
  {
    key: "Tab",
    run: (view) => {
      if (completionStatus(view.state) !== "active") return false;
      if (!selectedCompletion(view.state)) moveCompletionSelection(true)(view);
      return acceptCompletion(view) || true;
    },
  },
  { key: "Enter", run: (view) => selectedCompletion(view.state) !== null && acceptCompletion(view) },
];
