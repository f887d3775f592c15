import { describe, expect, test } from "vitest";
import { boardLinks, factRows, findingGroups, guessKind, kindOf } from "./model";

const fact = (field: string, value: string | number, count: number) => ({
  label_en: `the ${field}`,
  label_ja: field,
  field,
  value,
  count,
});

describe("facts", () => {
  test("sides of an address say the same thing once, countries by their code", () => {
    const rows = factRows([
      fact("source.geo.country_name", "Japan", 5),
      fact("source.geo.country_iso_code", "JP", 5),
      fact("client.geo.country_iso_code", "JP", 9),
      fact("client.geo.country_iso_code", "US", 1),
      fact("threat.feed.name", "made up", 2),
    ]);
    expect(rows.map((r) => [r.short, r.title_en, r.values.map((v) => [v.field, v.value, v.count])])).toEqual([
      [
        "country",
        "the source.geo.country_iso_code",
        [
          ["client.geo.country_iso_code", "JP", 9],
          ["client.geo.country_iso_code", "US", 1],
        ],
      ],
      ["", "the threat.feed.name", [["threat.feed.name", "made up", 2]]],
    ]);
  });
  test("without codes the country's name stays", () => {
    expect(factRows([fact("source.geo.country_name", "Japan", 5)])[0]!.values[0]!.value).toBe("Japan");
  });
});

describe("findings", () => {
  const finding = (id: string, alert: string | undefined, severity: string, time: string, rule = "r1") => ({
    id,
    rule,
    title_en: rule,
    severity,
    time,
    event_id: `e${id}`,
    alert_id: alert,
  });
  test("go by alert, the worst first, with the newest event", () => {
    const groups = findingGroups([
      finding("1", "a", "low", "2026-11-20T01:00:00Z"),
      finding("2", "a", "low", "2026-11-20T03:00:00Z"),
      finding("3", undefined, "high", "2026-11-19T00:00:00Z", "r2"),
      finding("4", "a", "low", "2026-11-20T02:00:00Z"),
    ]);
    expect(groups.map((g) => [g.key, g.count, g.first.slice(11, 13), g.last.slice(11, 13), g.event])).toEqual([
      ["r2", 1, "00", "00", "e3"],
      ["a", 3, "01", "03", "e2"],
    ]);
  });
  test("an unknown severity is the least", () => {
    expect(findingGroups([finding("1", "a", "dreadful", "2026-11-20T01:00:00Z")])[0]!.severity).toBe("informational");
  });
});

test("a typed value is guessed", () => {
  expect(
    ["192.0.2.1", "2001:db8::1", "111122223333", "/login", "www.shop.example.jp", "tanaka"].map(guessKind),
  ).toEqual(["ip", "ip", "account", "path", "host", "user"]);
  expect([kindOf("ip"), kindOf("planet"), kindOf(undefined)]).toEqual(["ip", undefined, undefined]);
});

test("dashboards are offered for what there is, narrowed to the entity", () => {
  const range = { from: "now-7d", to: "now", tz: "" };
  expect(boardLinks("path", "/a b?c=1&d", ["aws.waf", "aws.vpcflow"], range)).toEqual([
    { id: "aws-waf", name: "AWS WAF", to: "/dashboards/aws-waf?from=now-7d&to=now&f=url.path:/a+b?c%3D1%26d" },
  ]);
  expect(boardLinks("ip", "192.0.2.1", ["aws.nlb", "aws.alb"], range).map((b) => b.id)).toEqual(["aws-elb"]);
});
