import { describe, expect, test } from "vitest";
import { formatFilter, parseFilter, toApi, withFilter } from "./filters";
import { entityOf, exploreUrl } from "./links";
import { addUnits, civil, instant, readTime, startOf, writeEnd, writeTime } from "./time";
import { href, parseSearch, stringifySearch } from "./url";
import { changeSearch, commas, flag, int, list, oneOf, readState, text } from "./useUrlState";

describe("address", () => {
  test("reads as people would write it", () => {
    const search = {
      q: ["user.name:a* and not x"],
      from: ["now-24h"],
      f: ["source.geo.country_iso_code:CN", "-event.module:vpcflow"],
    };
    const written = stringifySearch(search);
    expect(written).toBe(
      "?q=user.name:a*+and+not+x&from=now-24h&f=source.geo.country_iso_code:CN&f=-event.module:vpcflow",
    );
    expect(parseSearch(written)).toEqual(search);
  });

  test("keeps any text through the round", () => {
    for (const odd of [
      "a+b&c=d#e%41",
      "日本語 \u3000",
      "\u0000\u001b\u202e",
      "100%",
      "<script>\"'`",
      "{}|\\^",
      "a\nb",
      "==",
      "😀",
      "",
    ]) {
      expect(parseSearch(stringifySearch({ q: [odd] }))).toEqual({ q: [odd] });
      expect(new URL(`http://x/${stringifySearch({ q: [odd] })}`).searchParams.get("q")).toBe(odd);
    }
  });

  test("survives broken addresses", () => {
    expect(parseSearch("?q=%E0%A4&&=&__proto__=x&a")).toEqual({ q: ["%E0%A4"], "": [""], a: [""] });
    expect(stringifySearch({ q: "\ud800" })).toBe("?q=\ufffd");
  });

  test("href leaves out what is empty", () => {
    expect(href("/alerts", { status: "new", q: "", rule: undefined })).toBe("/alerts?status=new");
  });

  const spec = {
    q: text(),
    n: int(50, 10, 100),
    on: flag(),
    by: oneOf(["a", "b"], "a"),
    f: list(),
    cols: commas(["x"]),
  };

  test("state: defaults are not written, others stay", () => {
    expect(readState(spec, "?n=7&on=1&by=z&f=1&f=2&cols=a,b")).toEqual({
      q: "",
      n: 10,
      on: true,
      by: "a",
      f: ["1", "2"],
      cols: ["a", "b"],
    });
    expect(changeSearch(spec, "?n=70&other=1", { n: 50, q: "hi" })).toBe("?other=1&q=hi");
    expect(changeSearch(spec, "?f=1", { f: [], cols: [] })).toBe("?cols=");
  });
});

describe("filters", () => {
  test("text form", () => {
    for (const f of [
      { field: "source.ip", value: "2001:db8::1", negate: false },
      { field: "a", value: "", negate: true },
      { field: "user.name", negate: false, value: undefined },
      { field: "-odd:name\\", value: "-v:w", negate: true },
    ]) {
      expect(parseFilter(formatFilter(f))).toEqual(f);
    }
    expect(formatFilter({ field: "event.module", value: "vpcflow", negate: true })).toBe("-event.module:vpcflow");
    expect(parseFilter("")).toBeUndefined();
    expect(parseFilter("-:x")).toBeUndefined();
  });

  test("for, out and only", () => {
    const one = withFilter([], "a", 1, "for");
    expect(withFilter(one, "a", 1, "out")).toEqual([{ field: "a", value: "1", negate: true }]);
    expect(withFilter([...one, { field: "b", value: "2", negate: false }], "a", 3, "only").map(formatFilter)).toEqual([
      "b:2",
      "a:3",
    ]);
    expect(withFilter([], "a", null, "for").map(formatFilter)).toEqual(["-a"]);
    expect(withFilter([], "a", null, "out").map(formatFilter)).toEqual(["a"]);
    expect(withFilter([], "a", ["x", "y"], "out").map(formatFilter)).toEqual(["-a:x", "-a:y"]);
    expect(toApi(withFilter([], "a", null, "for"))).toEqual([{ field: "a", op: "not_exists" }]);
  });

  test("links", () => {
    expect(exploreUrl({ filters: one(), from: "now-1h" })).toBe("/explore?f=source.ip:1.2.3.4&from=now-1h");
    expect(["source.ip", "user.name", "url.path", "client.address", "http.request.method"].map(entityOf)).toEqual([
      "ip",
      "user",
      "path",
      "ip",
      undefined,
    ]);
  });
  const one = () => [{ field: "source.ip", value: "1.2.3.4", negate: false }];
});

describe("time", () => {
  const tokyo = "Asia/Tokyo";
  const now = Date.UTC(2026, 10, 20, 8, 30, 15); // Friday, 17:30:15 in Tokyo
  const at = (s: string, end = false, zone = tokyo) => {
    const ms = readTime(s, now, zone, end);
    return ms === undefined ? undefined : new Date(ms).toISOString();
  };

  test("an end is the end of what is written, and is written so", () => {
    const whole = Date.parse("2026-11-21T01:30:00Z");
    expect(writeEnd(whole, tokyo)).toBe("2026-11-21 10:29");
    expect(writeEnd(whole + 1000, tokyo)).toBe("2026-11-21 10:30:00");
    expect(writeEnd(whole + 500, tokyo)).toBe("2026-11-21 10:30:00.499");
    for (const ms of [whole, whole + 1000, whole + 500, whole + 1, whole + 59_000, now])
      expect(readTime(writeEnd(ms, tokyo), now, tokyo, true)).toBe(ms);
  });
  test("reads what the language reads", () => {
    expect(at("now")).toBe("2026-11-20T08:30:15.000Z");
    expect(at("now-24h")).toBe("2026-11-19T08:30:15.000Z");
    expect(at("-3h")).toBe("2026-11-20T05:30:15.000Z");
    expect(at("now/d")).toBe("2026-11-19T15:00:00.000Z");
    expect(at("now/d", true)).toBe("2026-11-20T15:00:00.000Z");
    expect(at("yesterday", true)).toBe("2026-11-19T15:00:00.000Z");
    expect(at("now/w")).toBe("2026-11-15T15:00:00.000Z");
    expect(at("2026-11-01 09:00")).toBe("2026-11-01T00:00:00.000Z");
    expect(at("2026/11/1")).toBe("2026-10-31T15:00:00.000Z");
    expect(at("2026-11", true)).toBe("2026-11-30T15:00:00.000Z");
    expect(at("2026-11-01T09:00:05.25Z")).toBe("2026-11-01T09:00:05.250Z");
    expect(at("2026-11-01T09:00:00+09:00", false, "UTC")).toBe("2026-11-01T00:00:00.000Z");
    for (const bad of ["", "soon", "2026-02-30", "2026-13", "now-", "now-5x", "2026-11-01 25:00"])
      expect(at(bad)).toBeUndefined();
  });

  test("months end where they end", () => {
    expect(new Date(addUnits(Date.UTC(2026, 2, 31), -1, "M", "UTC")).toISOString()).toBe("2026-02-28T00:00:00.000Z");
    expect(new Date(startOf(now, "y", tokyo)).toISOString()).toBe("2025-12-31T15:00:00.000Z");
  });

  test("summer time", () => {
    const ny = "America/New_York";
    const c = { year: 2026, month: 3, day: 8, hour: 2, minute: 30, second: 0 }; // does not exist
    expect(new Date(instant(c, ny)).toISOString()).toBe("2026-03-08T07:30:00.000Z");
    const before = instant({ ...c, day: 7, hour: 12, minute: 0 }, ny);
    expect(addUnits(before, 1, "d", ny) - before).toBe(23 * 3_600_000);
    expect(civil(instant({ ...c, month: 11, day: 1, hour: 1 }, ny), ny).hour).toBe(1);
  });

  test("written times are read again", () => {
    for (const ms of [now, now + 250, startOf(now, "d", tokyo), 0])
      expect(readTime(writeTime(ms, tokyo), now, tokyo)).toBe(ms);
    expect(writeTime(now, tokyo)).toBe("2026-11-20 17:30:15");
    expect(writeTime(startOf(now, "h", tokyo), tokyo)).toBe("2026-11-20 17:00");
  });
});
