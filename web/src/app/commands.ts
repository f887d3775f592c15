import { useEffect, useRef, useSyncExternalStore } from "react";

/** A thing one can do: it stands in the command palette (Ctrl-K), and under its keys if it has some. */
export interface Command {
  id: string;
  /** The text shown, already translated. */
  title: string;
  /** "g e", "/", "?", "Shift+X": keys pressed one after the other, one space between. Inactive while typing in a field. */
  keys?: string;
  /** Heading in the palette and the help: "go", "page", "view" (i18n common:commands.<group>). */
  group: "go" | "page" | "view";
  run: () => void;
  /** Only a shortcut (j, k): not in the palette. */
  hidden?: boolean;
}

let all: Command[] = [];
const listeners = new Set<() => void>();

function changed(next: Command[]) {
  all = next;
  for (const fn of listeners) fn();
}

/** useCommands registers commands while the component is shown. A later one wins the keys of an earlier one. */
export function useCommands(commands: Command[]): void {
  const current = useRef(commands);
  current.current = commands;
  const text = commands.map((c) => `${c.id}\t${c.title}\t${c.keys ?? ""}`).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: text stands for the commands
  useEffect(() => {
    const own = current.current.map((c) => ({
      ...c,
      run: () => current.current.find((x) => x.id === c.id)?.run(),
    }));
    changed([...all, ...own]);
    return () => changed(all.filter((c) => !own.includes(c)));
  }, [text]);
}

/** useAllCommands lists what is registered now. */
export function useAllCommands(): Command[] {
  return useSyncExternalStore(
    (fn) => {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    () => all,
  );
}

function typing(target: EventTarget | null): boolean {
  // A ticked box takes no letters: keys go on working after a click on it.
  if (target instanceof HTMLInputElement && target.type === "checkbox") return false;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
      target.closest("[role=menu],[role=listbox],[role=dialog]") !== null)
  );
}

let pressed = "";
let timer: ReturnType<typeof setTimeout> | undefined;

/** handleKey runs the command whose keys were pressed; sequences must be typed within a second. */
export function handleKey(e: KeyboardEvent): void {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || typing(e.target)) return;
  if (e.key.length > 1 && !["Escape", "Enter"].includes(e.key)) return;
  const tried = pressed ? [`${pressed} ${e.key}`, e.key] : [e.key];
  pressed = "";
  clearTimeout(timer);
  for (const keys of tried) {
    const command = all.findLast((c) => c.keys === keys);
    if (command) {
      e.preventDefault();
      command.run();
      return;
    }
    if (all.some((c) => c.keys?.startsWith(`${keys} `))) {
      pressed = keys;
      timer = setTimeout(() => (pressed = ""), 1000);
      return;
    }
  }
}
