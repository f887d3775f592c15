import type { EventDetail, Value, YEvent } from "@/api";
import { language } from "@/i18n";
import { plain } from "@/ui/visible";

/** sentence is the readable line of an event in the language of the page; without one, what says most. */
export function sentence(e: YEvent): string {
  const own = e.sentence?.[language()] || e.sentence?.en;
  if (own) return own;
  const f = e.fields;
  const message = f.message ?? f["event.original"];
  if (message !== undefined) return plain(message);
  return ["event.action", "source.ip", "user.name", "url.path"]
    .flatMap((n) => (f[n] === undefined ? [] : [plain(f[n])]))
    .join(" · ");
}

/** columnValue is what a column of the table shows of an event. */
export function columnValue(e: YEvent, column: string): Value | undefined {
  return e.fields[column] ?? e.native?.[column];
}

/** nested makes the dotted fields a document, as the command line prints it. A name that is also a group keeps its dotted form. */
export function nested(fields: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parts = name.split(".");
    let at = out;
    let ok = !parts.some((p) => p === "__proto__");
    for (const p of parts.slice(0, -1)) {
      if (!ok) break;
      const next = Object.hasOwn(at, p) ? at[p] : undefined;
      if (next === undefined) {
        const made = {};
        at[p] = made;
        at = made;
      } else if (typeof next === "object" && next !== null && !Array.isArray(next))
        at = next as Record<string, unknown>;
      else ok = false;
    }
    if (ok) at[parts.at(-1)!] = value;
    else out[name] = value;
  }
  return out;
}

/** jsonOf is an event as JSON text, indented. */
export function jsonOf(e: YEvent | EventDetail): string {
  const doc: Record<string, unknown> = { "@timestamp": e.time, ...nested(e.fields) };
  if (e.native && Object.keys(e.native).length > 0) doc.native = e.native;
  doc._id = e.id;
  return JSON.stringify(doc, null, 2);
}

/** quote writes a text as one argument of a POSIX shell. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
