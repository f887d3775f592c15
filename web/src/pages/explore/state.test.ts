// @vitest-environment happy-dom
import { beforeEach, describe, expect, test } from "vitest";
import type { YEvent } from "@/api";
import { changeSearch, readState } from "@/state/useUrlState";
import { around, chooseColumns, columnsFor, fixedLink, savedLink, spec, wider } from "./state";

const events = [{ type: "aws.waf" }] as YEvent[];

describe("the address of Explore", () => {
  beforeEach(() => localStorage.clear());

  test("there and back", () => {
    const state = {
      q: 'url.path:"a&b" | top 5 x+y',
      by: "-",
      cmp: "week" as const,
      cols: ["source.ip", "url.path"],
      order: "oldest" as const,
      view: "chart" as const,
      open: "0t3k-1-0",
      live: "1" as const,
      link: "",
    };
    const text = changeSearch(spec, "?f=a:b&from=now-7d", state);
    expect(readState(spec, text)).toEqual(state);
    expect(text).toContain("f=a:b");
    expect(
      changeSearch(spec, text, {
        q: "",
        by: "event.module",
        cmp: "",
        cols: [],
        order: "newest",
        view: "table",
        open: "",
        live: "",
      }),
    ).toBe("?f=a:b&from=now-7d");
  });

  test("nonsense falls back", () => {
    expect(readState(spec, "?cmp=year&order=up&view=pie&live=2")).toMatchObject({
      cmp: "",
      order: "newest",
      view: "table",
      live: "",
    });
  });

  test("columns: the address wins, then what is remembered, then the standard", () => {
    expect(columnsFor([], events)).toEqual(["@time", "@type", "@text"]);
    expect(chooseColumns(["@time", "source.ip"], events)).toEqual(["source.ip"]);
    expect(columnsFor([], events)).toEqual(["@time", "source.ip"]);
    expect(columnsFor(["url.path"], events)).toEqual(["@time", "url.path"]);
  });

  test("links", () => {
    const at = Date.UTC(2026, 10, 21, 0, 0);
    expect(fixedLink("?q=a:b&from=now-1h&to=now&f=x:y&live=1", { from: at, to: at + 3_600_000 }, "Asia/Tokyo")).toBe(
      "/explore?from=2026-11-21+09:00&to=2026-11-21+10:00&tz=Asia/Tokyo&q=a%3Ab&f=x%3Ay",
    );
    expect(
      savedLink({ q: "a:b", columns: ["source.ip"], from: "now-7d", to: "now", by: "event.action" }, [
        { field: "x", value: "1", negate: true },
      ]),
    ).toBe("/explore?q=a:b&f=-x:1&from=now-7d&to=now&by=event.action&cols=source.ip");
  });

  test("wider and around", () => {
    expect(wider(0, 3_600_000)).toBe("now-24h");
    expect(wider(0, 86_400_000)).toBe("now-7d");
    expect(wider(0, 9e12)).toBeUndefined();
    expect(around(Date.UTC(2026, 10, 21, 0, 0), 600_000, "UTC")).toEqual({
      from: "2026-11-20 23:59",
      to: "2026-11-21 00:01",
    });
  });
});
