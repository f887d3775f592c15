/**
 * The pieces of the query language as the editor colours them. It reads texts that are not finished; what is wrong is
 * said by the server, not here.
 */
export type Kind =
  | "field"
  | "value"
  | "string"
  | "number"
  | "keyword"
  | "stage"
  | "function"
  | "operator"
  | "pipe"
  | "regex"
  | "bracket"
  | "text";

export interface Token {
  kind: Kind;
  from: number;
  to: number;
}

const stages = new Set(["stats", "top", "fields", "sort", "limit", "by", "as", "asc", "desc"]);
const functions = /^(count|distinct|sum|avg|min|max|percentile|p\d{1,2}(\.\d+)?|bucket|hour|weekday)$/i;

/** tokens reads a whole query. */
export function tokens(text: string): Token[] {
  const out: Token[] = [];
  const put = (kind: Kind, from: number, to: number) => out.push({ kind, from, to });
  let i = 0;
  let stage = false;
  let valueNext = false;
  let depth = 0;
  let valueDepth = -1;
  while (i < text.length) {
    const c = text[i]!;
    if (/\s/.test(c)) {
      i++;
      continue;
    }
    if (c === '"') {
      let end = i + 1;
      while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
      end = Math.min(text.length, end + 1);
      const field = !stage && !valueNext && valueDepth < 0 && /^\s*(:|[<>]=?)/.test(text.slice(end));
      put(field || stage ? "field" : valueNext || valueDepth >= 0 ? "string" : "text", i, end);
      i = end;
      valueNext = false;
      continue;
    }
    if (c === "|" && (/\s/.test(text[i + 1] ?? " ") || /\s/.test(text[i - 1] ?? " "))) {
      put("pipe", i, ++i);
      stage = true;
      valueNext = false;
      valueDepth = -1;
      continue;
    }
    if (c === "(" || c === ")" || c === "{" || c === "}") {
      if (c === "(") {
        if (valueNext) valueDepth = depth;
        depth++;
      } else if (c === ")") {
        depth = Math.max(0, depth - 1);
        if (depth <= valueDepth) valueDepth = -1;
      }
      put("bracket", i, ++i);
      valueNext = false;
      continue;
    }
    if (stage) {
      if (c === ",") {
        put("operator", i, ++i);
        continue;
      }
      const word = /^[^\s(),|"]+/.exec(text.slice(i))?.[0] ?? c;
      const lower = word.toLowerCase();
      const call = /^\s*\(/.test(text.slice(i + word.length));
      const kind: Kind =
        call && functions.test(lower)
          ? "function"
          : stages.has(lower)
            ? "stage"
            : /^\d+(\.\d+)?[smhdwMy]?$/.test(word)
              ? "number"
              : "field";
      put(kind, i, i + word.length);
      i += word.length;
      continue;
    }
    const op = /^(?::|[<>]=?)/.exec(text.slice(i))?.[0];
    if (op) {
      put("operator", i, i + op.length);
      i += op.length;
      valueNext = true;
      continue;
    }
    const keyword = /^(and|or|not)(?=[\s()"]|$)/i.exec(text.slice(i))?.[0];
    if (keyword) {
      put("keyword", i, i + keyword.length);
      i += keyword.length;
      valueNext = false;
      continue;
    }
    const inValue = valueNext || valueDepth >= 0;
    if (inValue && c === "/") {
      const re = /^\/(?:\\.|[^/\\])+\/(?=[\s)]|$)/.exec(text.slice(i))?.[0];
      if (re) {
        put("regex", i, i + re.length);
        i += re.length;
        valueNext = false;
        continue;
      }
    }
    const address = inValue
      ? /^(?:\d{4}-\d\d-\d\dT[\d:.]+(?:[zZ]|[+-]\d\d:?\d\d)?|[0-9a-fA-F]*:[0-9a-fA-F:.]*(?:\/\d{1,3})?)(?=[\s)]|$)/.exec(
          text.slice(i),
        )?.[0]
      : undefined;
    const word = address ?? /^(?:\\[\s\S]|[^\s\\():<>"{}])+/.exec(text.slice(i))?.[0] ?? c;
    const end = i + word.length;
    if (inValue) put(/^[-+]?[\d.:]+(\/\d+)?$/.test(word) ? "number" : "value", i, end);
    else put(/^\s*(?::|[<>]=?)/.test(text.slice(end)) ? "field" : "text", i, end);
    i = end;
    valueNext = false;
  }
  return out;
}

/** stagesAt is the place of the bar that begins the stages; -1 without stages. */
export function stagesAt(text: string): number {
  return tokens(text).find((t) => t.kind === "pipe")?.from ?? -1;
}

/** A column of a table by which its rows were grouped. */
export interface Key {
  /** Name of the column. */
  column: string;
  /** The field whose value it is; the time field for buckets. */
  field: string;
  /** bucket, hour, weekday: the cell is a time or part of one, no value of the field. */
  time?: "bucket" | "hour" | "weekday";
}

/** keysOf reads the keys of the first grouping stage (`stats … by …`, `top N f by g`). */
export function keysOf(text: string): Key[] {
  const all = tokens(text);
  const word = (t?: Token) => (t ? text.slice(t.from, t.to).replace(/^"|"$/g, "") : "");
  const start = all.findIndex((t, i) => all[i - 1]?.kind === "pipe" && /^(stats|top)$/i.test(word(t)));
  if (start < 0) return [];
  const next = all.findIndex((t, i) => i > start && t.kind === "pipe");
  const stage = all.slice(start, next < 0 ? all.length : next);
  const by = stage.findIndex((t) => t.kind === "stage" && word(t).toLowerCase() === "by");
  const top = word(stage[0]).toLowerCase() === "top";
  const lists = top
    ? [by < 0 ? [] : stage.slice(by + 1), stage.slice(1, by < 0 ? undefined : by)]
    : by < 0
      ? []
      : [stage.slice(by + 1)];
  return lists.flatMap((list) => readKeys(list, word));
}

function readKeys(list: Token[], word: (t?: Token) => string): Key[] {
  const out: Key[] = [];
  let i = 0;
  while (i < list.length) {
    const t = list[i]!;
    if (t.kind === "function") {
      const name = word(t).toLowerCase();
      const args: string[] = [];
      for (i += 2; i < list.length && word(list[i]) !== ")"; i++) if (word(list[i]) !== ",") args.push(word(list[i]));
      i++;
      const spanFirst = /^(auto|\d+[smhdwMy])$/.test(args[0] ?? "auto");
      const time = name === "bucket" || name === "hour" || name === "weekday" ? name : undefined;
      out.push({ column: name, field: time === "bucket" && !spanFirst ? args[0]! : "@timestamp", time });
    } else if (t.kind === "field") {
      out.push({ column: word(t), field: word(t) });
      i++;
    } else i++;
    if (i < list.length && word(list[i]).toLowerCase() === "as" && out.length > 0) {
      out.at(-1)!.column = word(list[i + 1]);
      i += 2;
    }
  }
  return out;
}
