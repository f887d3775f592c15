import { describe, expect, test } from "vitest";
import { keysOf, stagesAt, tokens } from "./tokens";

const read = (text: string) => tokens(text).map((t) => `${t.kind}=${text.slice(t.from, t.to)}`);

describe("tokens", () => {
  test.each([
    ["event.action:BLOCK", ["field=event.action", "operator=:", "value=BLOCK"]],
    ['user.name:"山田 太郎"', ["field=user.name", "operator=:", 'string="山田 太郎"']],
    [
      "a >= 5 and not b:*",
      ["field=a", "operator=>=", "number=5", "keyword=and", "keyword=not", "field=b", "operator=:", "value=*"],
    ],
    ["x:(a or b)", ["field=x", "operator=:", "bracket=(", "value=a", "keyword=or", "value=b", "bracket=)"]],
    [
      "source.ip:2001:db8::/32",
      ["field=source.ip", "operator=:", "number=2001:db8::/32"].map((x) =>
        x.startsWith("number") ? "value=2001:db8::/32" : x,
      ),
    ],
    ["url.path:/\\.(php|asp)$/", ["field=url.path", "operator=:", "regex=/\\.(php|asp)$/"]],
    ["url.path:/admin/login", ["field=url.path", "operator=:", "value=/admin/login"]],
    ['"union select"', ['text="union select"']],
    [
      "x:1 | top 10 source.ip",
      ["field=x", "operator=:", "number=1", "pipe=|", "stage=top", "number=10", "field=source.ip"],
    ],
    ['"field with blanks":x', ['field="field with blanks"', "operator=:", "value=x"]],
    ['"never closed', ['text="never closed']],
  ])("%s", (text, want) => expect(read(text)).toEqual(want));

  test("no text breaks it, and tokens never overlap", () => {
    for (const text of ['((("', "a:(b", "\\", "| |", "a:/x", "::", '"\\', "😀:😀", "a\nb:c\n| stats"]) {
      let last = 0;
      for (const t of tokens(text)) {
        expect(t.from).toBeGreaterThanOrEqual(last);
        expect(t.to).toBeGreaterThan(t.from);
        last = t.to;
      }
    }
  });

  test("where stages begin", () => {
    expect(stagesAt("event.action:BLOCK | top 5 x")).toBe(19);
    expect(stagesAt('"a | b"')).toBe(-1);
    expect(stagesAt("url.path:/\\.(php|asp)$/")).toBe(-1);
    expect(stagesAt("| stats count()")).toBe(0);
  });
});

describe("keys of a table", () => {
  test.each([
    ["x:1 | stats count() as n by source.ip | sort n", [{ column: "source.ip", field: "source.ip" }]],
    [
      "| stats count() by bucket(5m), http.response.status_code as code",
      [
        { column: "bucket", field: "@timestamp", time: "bucket" },
        { column: "code", field: "http.response.status_code" },
      ],
    ],
    [
      '| stats count() as n by bucket(1d, "Asia/Tokyo") as day',
      [{ column: "day", field: "@timestamp", time: "bucket" }],
    ],
    ["| stats count() by bucket(event.created, 1h)", [{ column: "bucket", field: "event.created", time: "bucket" }]],
    [
      "| stats count() by weekday() as d, hour()",
      [
        { column: "d", field: "@timestamp", time: "weekday" },
        { column: "hour", field: "@timestamp", time: "hour" },
      ],
    ],
    [
      "x | top 3 url.path by source.geo.country_iso_code",
      [
        { column: "source.geo.country_iso_code", field: "source.geo.country_iso_code" },
        { column: "url.path", field: "url.path" },
      ],
    ],
    ["x | stats count()", []],
    ["x | limit 10", []],
  ])("%s", (text, want) =>
    expect(keysOf(text)).toEqual(
      want
        .map((k) => ({ time: undefined, ...k }))
        .map((k) => (k.time ? k : expect.objectContaining({ column: k.column, field: k.field }))),
    ),
  );
});
