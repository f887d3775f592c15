import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { scanAll, scanSource } from "./scan";

const here = fileURLToPath(new URL(".", import.meta.url));
const src = join(here, "..");

/** Every text of a language as `area:a.b` → text. */
function texts(lang: string): Map<string, string> {
  const out = new Map<string, string>();
  const add = (prefix: string, value: unknown) => {
    if (typeof value === "string") out.set(prefix, value);
    else
      for (const [k, v] of Object.entries(value as object))
        add(prefix.endsWith(":") ? prefix + k : `${prefix}.${k}`, v);
  };
  for (const file of readdirSync(join(here, lang))) {
    add(`${file.replace(/\.json$/, "")}:`, JSON.parse(readFileSync(join(here, lang, file), "utf8")));
  }
  return out;
}

const plural = /_(zero|one|two|few|many|other)$/;
const bare = (key: string) => key.replace(plural, "");
const en = texts("en");
const ja = texts("ja");
const scans = scanAll(src);
const areas = new Set(readdirSync(join(here, "en")).map((f) => f.replace(/\.json$/, "")));
const area = (key: string) => key.slice(0, key.indexOf(":"));
const has = new Set([...en.keys()].map(bare));

describe("texts", () => {
  test("every area has both languages with the same keys", () => {
    expect(readdirSync(join(here, "ja"))).toEqual(readdirSync(join(here, "en")));
    const keys = (m: Map<string, string>) => [...new Set([...m.keys()].map(bare))].sort();
    expect(keys(ja)).toEqual(keys(en));
  });

  test("no text is empty, and both languages fill in the same values", () => {
    const values = (text: string) => [...new Set(text.match(/\{\{\s*(\w+)/g) ?? [])].sort();
    const wrong: string[] = [];
    for (const [key, text] of en) {
      const other = ja.get(key) ?? ja.get(`${bare(key)}_other`) ?? ja.get(bare(key));
      if (text.trim() === "" || !other?.trim()) wrong.push(`${key}: empty`);
      else if (!plural.test(key) && values(text).join() !== values(other).join())
        wrong.push(`${key}: ${text} / ${other}`);
    }
    expect(wrong).toEqual([]);
  });

  test("Japanese texts are Japanese", () => {
    const same = /^[\x20-\x7e…–·]*$/;
    const wrong = [...ja].filter(
      ([key, text]) => same.test(text) && text.split(/\s+/).length > 3 && en.get(key) === text,
    );
    expect(wrong).toEqual([]);
  });

  test("every key used is there", () => {
    const missing = scans.flatMap((s) =>
      s.keys.filter((k) => !has.has(k) && areas.has(area(k))).map((k) => `${s.file}: ${k}`),
    );
    const empty = scans.flatMap((s) =>
      s.prefixes.filter((p) => ![...has].some((k) => k.startsWith(p))).map((p) => `${s.file}: ${p}…`),
    );
    expect([...missing, ...empty]).toEqual([]);
  });

  test("every key there is used", () => {
    const used = new Set(scans.flatMap((s) => s.keys));
    const prefixes = scans.flatMap((s) => s.prefixes);
    const unused = [...has].filter((k) => !used.has(k) && !prefixes.some((p) => k.startsWith(p)));
    expect(unused).toEqual([]);
  });

  test("no text is written into the code", () => {
    expect(scans.flatMap((s) => s.hardCoded.map((h) => `${s.file}:${h.line}: ${h.text}`))).toEqual([]);
  });
});

test("the scan sees what it looks for", () => {
  const scan = scanSource(
    "x.tsx",
    `const { t } = useTranslation("home"); const a = t(x ? "a.b" : "c"); const p = t(\`s.\${x}\`);
     const e = <p title="Two words" id="fine">Some text {t("common:d")} {"more text"} 12 · <b>UTC</b></p>;`,
  );
  expect([...new Set(scan.keys)]).toEqual(["home:a.b", "home:c", "common:d"]);
  expect(scan.prefixes).toEqual(["home:s."]);
  expect(scan.hardCoded.map((h) => h.text).sort()).toEqual(["Some text", "Two words", "more text"]);
});
