import { describe, expect, test } from "vitest";
import type { FieldInfo } from "@/api";
import { groupFields, groupOf } from "./fieldGroups";

const field = (name: string, ecs = true, title = ""): FieldInfo => ({
  name,
  kind: "string",
  title_en: title,
  title_ja: title && `${title}の日本語`,
  present: 1,
  fill: 0.5,
  ecs,
  types: [],
});
const shape = (fields: FieldInfo[], columns: string[], typed?: string) =>
  groupFields(fields, columns, typed).map((g) => [g.id, g.fields.map((f) => f.name)]);

describe("fields in the sidebar", () => {
  const all = [
    field("url.query"),
    field("aws.waf.labels", false, "labels of the rules"),
    field("source.ip"),
    field("event.action"),
    field("url.fragment"),
    field("message"),
  ];

  test("selected, common, ECS by name, then the log types' own", () => {
    expect(shape(all, ["@time", "event.action"])).toEqual([
      ["selected", ["event.action"]],
      ["common", ["source.ip"]],
      ["base", ["message"]],
      ["url", ["url.fragment", "url.query"]],
      ["aws.waf", ["aws.waf.labels"]],
    ]);
  });

  test("a field that is chosen but does not occur is not listed", () => {
    expect(shape(all, ["gone.field"])[0]).toEqual(["common", ["event.action", "source.ip"]]);
  });

  test("search looks in names and titles, words in any order", () => {
    expect(shape(all, [], "RULES lab")).toEqual([["aws.waf", ["aws.waf.labels"]]]);
    expect(shape(all, [], "日本語")).toEqual([["aws.waf", ["aws.waf.labels"]]]);
    expect(shape(all, [], "nothing")).toEqual([]);
  });

  test("groups of names", () => {
    expect(groupOf({ name: "message", ecs: true })).toBe("base");
    expect(groupOf({ name: "source.geo.name", ecs: true })).toBe("source");
    expect(groupOf({ name: "aws.waf.rate.key", ecs: false })).toBe("aws.waf");
    expect(groupOf({ name: "httpRequest.clientIp", ecs: false })).toBe("httpRequest");
  });
});
