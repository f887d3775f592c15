import { describe, expect, test } from "vitest";
import type { Definition } from "@/charts/model";
import { eventsUrl } from "./drill";
import { addPanel, askedOf, copyPanel, movePanel, resizePanel } from "./edit/draft";
import { idOf } from "./NewBoard";
import { readVariables, writeVariable } from "./state";
import { panelYaml } from "./yamlText";

describe("variables in the address", () => {
  test("values repeat, nothing chosen is written, a default is not", () => {
    expect(readVariables(["home:JP", "home:US", "rule:", "ip:2001:db8::1", ":x", "Bad:1"])).toEqual({
      home: ["JP", "US"],
      rule: [],
      ip: ["2001:db8::1"],
    });
    expect(writeVariable(["home:US", "ip:192.0.2.1"], "home", ["JP"], ["JP"])).toEqual(["ip:192.0.2.1"]);
    expect(writeVariable([], "home", [], ["JP"])).toEqual(["home:"]);
    expect(writeVariable(["rule:a"], "rule", [], [])).toEqual([]);
  });
});

describe("the way to the events", () => {
  test("condition, keys and range stand in the address", () => {
    const answer = {
      where: "event.action:BLOCK",
      wheres: { home: "source.geo.country_iso_code:JP" },
      from: "2026-11-20T01:00:00Z",
      to: "2026-11-21T01:00:00Z",
      // biome-ignore lint/suspicious/noExplicitAny: only what the address is made of
    } as any;
    const url = (p: Parameters<typeof eventsUrl>[1]) => decodeURIComponent(eventsUrl(answer, p, "UTC", ""));
    expect(url({ filters: [{ field: "rule.name", value: "a b" }] })).toBe(
      "/explore?q=event.action:BLOCK&f=rule.name:a+b&from=2026-11-20+01:00&to=2026-11-21+00:59",
    );
    expect(url({ filters: [{ field: "rule.name", value: null }], name: "home" })).toContain(
      "q=source.geo.country_iso_code:JP&f=-rule.name",
    );
  });
});

const d: Definition = {
  title: { en: "T", ja: "T" },
  panels: [
    { id: "a", view: "number", query: "| stats count() as n" },
    { id: "b", view: "table", query: "| top 5 rule.name" },
  ],
};

describe("editing", () => {
  test("panels move, grow, and are copied under a free id", () => {
    expect(movePanel(d, 0, 1).panels.map((p) => p.id)).toEqual(["b", "a"]);
    expect(movePanel(d, 0, 0)).toBe(d);
    expect(resizePanel(d, 0, 99, 0).panels[0]!.size).toEqual({ w: 12, h: 1 });
    expect(copyPanel(copyPanel(d, 0), 0).panels.map((p) => p.id)).toEqual(["a", "a-3", "a-2", "b"]);
    expect(addPanel(d, "map", { en: "M", ja: "M" }).panels.at(-1)!.query).toContain("country_iso_code");
  });
  test("looks do not ask again, questions do", () => {
    expect(askedOf(movePanel(d, 0, 1))).toBe(askedOf(d));
    expect(askedOf(resizePanel(d, 0, 5, 5))).toBe(askedOf(d));
    expect(askedOf(copyPanel(d, 0))).not.toBe(askedOf(d));
  });
  test("a title makes a file name that is free", () => {
    expect(idOf("Log-ins, daily!", [])).toBe("log-ins-daily");
    expect(idOf("日本", ["board"])).toBe("board-2");
  });
  test("a panel as YAML", () => {
    expect(
      panelYaml({
        id: "a",
        title: { en: "A: b", ja: "あ" },
        view: "table",
        query: "| top 5 x",
        options: { rows: 5, columns: ["a", "b"] },
      }),
    ).toBe(
      '- id: a\n  title: {en: "A: b", ja: あ}\n  view: table\n  query: "| top 5 x"\n  options: {rows: 5, columns: [a, b]}',
    );
  });
});
