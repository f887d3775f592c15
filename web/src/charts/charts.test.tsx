import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { colorsFor, kindOf, ofPlace, stepOf, steps } from "./colors";
import { slice } from "./Donut";
import { occurrences } from "./Heatmap";
import { Markdown, safe } from "./Markdown";
import { before, type DataSet, filtersOf, pickedOf } from "./model";
import { fitColumns } from "./TopTable";
import { squarify } from "./Treemap";

const p = {
  panel: "#fff",
  text: "#000",
  dim: "#555",
  line: "#ddd",
  accent: "#00f",
  series: ["#1", "#2", "#3", "#4"],
  other: "#999",
  severity: { critical: "#c", high: "#h", medium: "#m", low: "#l", informational: "#i" },
  action: { block: "#b", allow: "#a", count: "#n", allowed: "#a", blocked: "#b" },
  ramp: ["#0", "#1"],
  good: "#g",
  bad: "#b",
};

describe("colours", () => {
  test("severities and actions are fixed, others keep theirs on every panel, and differ within one", () => {
    expect(colorsFor(p, "event.action", ["BLOCK", "ALLOW", null], "action")).toEqual(["#b", "#a", "#999"]);
    const first = colorsFor(p, "rule.name", ["one", "two", "three"]);
    expect(new Set(first).size).toBe(3);
    expect(colorsFor(p, "rule.name", ["three", "one"])).toEqual([first[2], first[0]]);
    expect(ofPlace(p, ["allowed", "blocked"], "action")).toEqual(["#a", "#b"]);
    expect(ofPlace(p, ["home", "abroad"])).toEqual(["#1", "#2"]);
  });
  test("HTTP status has colours by its class", () => {
    expect(kindOf("http.response.status_code")).toBe("status");
    expect(colorsFor(p, "s", [200, 404, 503], "status")).toEqual(["#a", "#n", "#c"]);
  });
  test("steps of a map grow by powers and hold every number", () => {
    expect(steps(0, 6)).toEqual([]);
    expect(steps(3, 6)).toEqual([1, 2, 3]);
    const s = steps(26_000, 6);
    expect(s[0]).toBe(1);
    expect(s).toEqual(s.toSorted((a, b) => a - b));
    expect([0, 1, 26_000].map((n) => stepOf(s, n))).toEqual([-1, 0, s.length - 1]);
  });
});

const data: DataSet = {
  columns: [
    { name: "source.ip", kind: "ip", role: "key", field: "source.ip", exact: true },
    { name: "bucket", kind: "time", role: "key", field: "@timestamp", time: true, exact: true },
    { name: "n", kind: "int", role: "value", func: "count", exact: true },
  ],
  rows: [["192.0.2.1", "2026-11-21T01:00:00Z", 5]],
  buckets: ["2026-11-21T01:00:00Z", "2026-11-21T01:30:00Z"],
  end: "2026-11-21T02:00:00Z",
};

describe("drill", () => {
  test("a row is its keys and its stretch of time; an absent key is null", () => {
    expect(pickedOf(data, data.rows[0]!)).toEqual({
      filters: [{ field: "source.ip", value: "192.0.2.1" }],
      span: { from: Date.parse("2026-11-21T01:00:00Z"), to: Date.parse("2026-11-21T01:30:00Z") },
      name: undefined,
    });
    expect(filtersOf(data, [null, "2026-11-21T01:00:00Z", 1])).toEqual([{ field: "source.ip", value: null }]);
  });
  test("the row of an earlier period is found by its keys", () => {
    const find = before({ ...data, rows: [["192.0.2.1", "x", 3]] }, [0]);
    expect(find(["192.0.2.1", "y", 9])?.[2]).toBe(3);
    expect(find(["192.0.2.2", "y", 9])).toBeUndefined();
  });
  test("an hour of a weekday is found in its zone, newest first", () => {
    const from = Date.parse("2026-11-14T15:00:00Z");
    const to = Date.parse("2026-11-21T15:00:00Z");
    // 2026-11-21 is a Saturday; 16:00 in Tokyo is 07:00 UTC.
    expect(occurrences(6, 16, from, to, "Asia/Tokyo").map((s) => new Date(s.from).toISOString())).toEqual([
      "2026-11-21T07:00:00.000Z",
    ]);
  });
});

describe("shapes", () => {
  test("a treemap covers its box", () => {
    const boxes = squarify([6, 3, 1], { x: 0, y: 0, w: 100, h: 50 });
    expect(boxes.reduce((a, b) => a + b.w * b.h, 0)).toBeCloseTo(5000);
    for (const b of boxes) expect(b.x + b.w).toBeLessThanOrEqual(100.001);
  });
  test("a ring of one slice is closed", () => {
    expect(slice(0, 1)).toMatch(/^M.*A48 48 0 1 1/);
  });
  test("columns that do not fit give way by rank", () => {
    const room = [
      { id: 0, want: 170, least: 80, flex: true },
      { id: 1, want: 110, least: 60 },
      { id: 2, want: 70, least: 56, drop: 2 },
      { id: "share" as const, want: 56, least: 48, drop: 1 },
    ];
    expect([...fitColumns(room, 600).values()].reduce((a, b) => a + b, 0)).toBeCloseTo(600);
    expect([...fitColumns(room, 200).keys()]).toEqual([0, 1, 2]);
    expect([...fitColumns(room, 150).keys()]).toEqual([0, 1]);
  });
});

describe("text", () => {
  test("markdown is a safe part", () => {
    const html = renderToStaticMarkup(
      <Markdown
        text={
          "## Head\n\n- **a** `b`\n- [go](https://x.example)\n\n<img src=x onerror=alert(1)> [no](javascript:alert(1))"
        }
      />,
    );
    expect(html).toContain("<h3>Head</h3>");
    expect(html).toContain("<strong>a</strong>");
    expect(html).toContain('href="https://x.example"');
    expect(html).not.toContain("<img");
    expect(html).not.toContain('href="javascript');
    expect([safe("/explore"), safe("//evil.example"), safe("data:text/html,x")]).toEqual([true, false, false]);
  });
});
