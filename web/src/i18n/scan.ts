import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type ParseResult, parseSync } from "vite";

/** What one source file says about texts: keys it uses, beginnings of keys it builds, texts written into TSX. For the test only. */
export interface Scan {
  file: string;
  keys: string[];
  prefixes: string[];
  hardCoded: { line: number; text: string }[];
}

// biome-ignore lint/suspicious/noExplicitAny: a tree of the parser, walked without its types
type Node = any;

/** Attributes whose text a person reads or hears. */
const spoken =
  /^(label|title|placeholder|alt|description|aria-label|aria-description|aria-roledescription|error|nothingFound)$/;
/** Words that are the same in every language. */
const names = /^(Yagura|UTC|JST|CSV|JSON|NDJSON|YAML|PNG|SVG|ECS|API|GET|POST|English|日本語)$/;

function words(text: string): boolean {
  const t = text.trim();
  return /\p{L}{2}/u.test(t) && !names.test(t);
}

function walk(node: Node, visit: (n: Node) => void): void {
  if (node === null || typeof node !== "object") return;
  if (Array.isArray(node)) {
    for (const x of node) walk(x, visit);
    return;
  }
  if (typeof node.type === "string") visit(node);
  for (const [k, v] of Object.entries(node)) if (k !== "parent") walk(v, visit);
}

const literal = (n: Node): string | undefined =>
  n?.type === "Literal" && typeof n.value === "string" ? n.value : undefined;

/** The literal results of a key expression: both branches of a condition, the beginning of a template. */
function keysOf(n: Node, out: { keys: string[]; prefixes: string[] }): void {
  const text = literal(n);
  if (text !== undefined) out.keys.push(text);
  else if (n?.type === "ConditionalExpression") {
    keysOf(n.consequent, out);
    keysOf(n.alternate, out);
  } else if (n?.type === "LogicalExpression") keysOf(n.right, out);
  else if (n?.type === "TSAsExpression" || n?.type === "ParenthesizedExpression") keysOf(n.expression, out);
  else if (n?.type === "TemplateLiteral") {
    const head = n.quasis[0].value.cooked as string;
    if (head) out.prefixes.push(head);
  }
}

export function scanSource(file: string, source: string): Scan {
  const parsed: ParseResult = parseSync(file, source);
  const scan: Scan = { file, keys: [], prefixes: [], hardCoded: [] };
  let area = "common";
  walk(parsed.program, (n) => {
    if (n.type === "CallExpression" && n.callee.name === "useTranslation" && literal(n.arguments[0]))
      area = literal(n.arguments[0])!;
  });
  const qualify = (key: string) => (/^[a-z]+:/.test(key) ? key : `${area}:${key}`);
  const line = (n: Node) => source.slice(0, n.start).split("\n").length;
  walk(parsed.program, (n) => {
    if (n.type === "CallExpression" && (n.callee.name === "t" || n.callee.property?.name === "t")) {
      const found = { keys: [] as string[], prefixes: [] as string[] };
      keysOf(n.arguments[0], found);
      scan.keys.push(...found.keys.map(qualify));
      scan.prefixes.push(...found.prefixes.map(qualify));
    }
    const text = literal(n);
    if (text !== undefined && /^[a-z]+:[a-zA-Z][\w.]*$/.test(text)) scan.keys.push(text);
    if (n.type === "TemplateLiteral" && /^[a-z]+:[a-zA-Z][\w.]*\.$/.test(n.quasis[0].value.cooked))
      scan.prefixes.push(n.quasis[0].value.cooked);
    if (n.type === "JSXText" && words(n.value)) scan.hardCoded.push({ line: line(n), text: n.value.trim() });
    for (const child of n.type === "JSXElement" || n.type === "JSXFragment" ? n.children : []) {
      const inside = child.type === "JSXExpressionContainer" ? literal(child.expression) : undefined;
      if (inside !== undefined && words(inside)) scan.hardCoded.push({ line: line(child), text: inside });
    }
    if (n.type === "JSXAttribute" && spoken.test(String(n.name.name))) {
      const value = literal(n.value) ?? literal(n.value?.expression);
      if (value !== undefined && words(value) && !/^[a-z]+:[\w.]+$/.test(value))
        scan.hardCoded.push({ line: line(n), text: value });
    }
  });
  return scan;
}

/** scanAll reads every source file below a folder but tests and fixtures. */
export function scanAll(root: string): Scan[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && /\.tsx?$/.test(e.name) && !/\.(test|d)\.tsx?$/.test(e.name))
    .map((e) => join(e.parentPath, e.name))
    .filter((f) => !relative(root, f).startsWith("fixtures"))
    .map((f) => scanSource(relative(root, f), readFileSync(f, "utf8")));
}
