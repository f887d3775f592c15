import type { Value } from "@/api";

/**
 * Text from logs is hostile until shown to be harmless: control characters, characters that turn the direction of text
 * and invisible ones are shown as what they are. Nothing here makes HTML; React escapes the rest.
 */
const odd =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\ue000-\uf8ff]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/u;
const oddAll = new RegExp(odd.source, "gu");

const short: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" };

/** escapeOf names one odd character: \n, \x1b, \u202e. */
export function escapeOf(c: string): string {
  const known = short[c];
  if (known) return known;
  const n = c.codePointAt(0)!;
  if (n < 0x100) return `\\x${n.toString(16).padStart(2, "0")}`;
  return n > 0xffff ? `\\U${n.toString(16).padStart(8, "0")}` : `\\u${n.toString(16).padStart(4, "0")}`;
}

/** visible is the text with every odd character as its escape: one line, safe anywhere; at most so many characters of it. */
export function visible(text: string, most = 4000): string {
  const shown = text.length > most ? `${clip(text, most)}…` : text;
  return odd.test(shown) ? shown.replace(oddAll, escapeOf) : shown;
}

export interface TextPart {
  text: string;
  /** An escape that stands for an odd character, not text of the log. */
  odd: boolean;
}

/** visibleParts cuts a text into what is shown as it is and the escapes, which are drawn apart. Line breaks and tabs of text meant to have them may stay. */
export function visibleParts(text: string, keepLines = false): TextPart[] {
  if (!odd.test(text)) return text === "" ? [] : [{ text, odd: false }];
  const out: TextPart[] = [];
  let from = 0;
  for (const m of text.matchAll(oddAll)) {
    const c = m[0];
    if (keepLines && (c === "\n" || c === "\t")) continue;
    if (m.index > from) out.push({ text: text.slice(from, m.index), odd: false });
    out.push({ text: escapeOf(c), odd: true });
    from = m.index + c.length;
  }
  if (from < text.length) out.push({ text: text.slice(from), odd: false });
  return out;
}

/** clip cuts at a length without halving a surrogate pair. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  const code = text.charCodeAt(most - 1);
  return text.slice(0, code >= 0xd800 && code < 0xdc00 ? most - 1 : most);
}

/** plain gives a value as one text, as a cell and a filter have it. */
export function plain(v: Value | undefined): string {
  if (v === null || v === undefined) return "";
  return Array.isArray(v) ? v.join(", ") : String(v);
}

const encoder = new TextEncoder();

/** bytesAt turns a place in a JavaScript text (UTF-16 units) into bytes of UTF-8, as the server counts. */
export function bytesAt(text: string, units: number): number {
  return encoder.encode(text.slice(0, units)).length;
}

/** unitsAt is the way back. A place inside a character is its start; beyond the end is the end. */
export function unitsAt(text: string, bytes: number): number {
  let seen = 0;
  let i = 0;
  for (const c of text) {
    const n = c.codePointAt(0)!;
    const size = n < 0x80 ? 1 : n < 0x800 ? 2 : n < 0x10000 ? 3 : 4;
    if (seen + size > bytes) break;
    seen += size;
    i += c.length;
  }
  return i;
}
