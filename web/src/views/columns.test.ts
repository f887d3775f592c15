// @vitest-environment happy-dom
import { beforeEach, describe, expect, test } from "vitest";
import type { YEvent } from "@/api";
import {
  defaultColumns,
  keepSet,
  keepWidth,
  moveColumn,
  readColumns,
  readKept,
  toggleColumn,
  typeSet,
  widthOf,
  writeColumns,
} from "./columns";

describe("columns of the event table", () => {
  beforeEach(() => localStorage.clear());

  test("the address and back", () => {
    for (const c of [defaultColumns, ["@time", "source.ip"], ["source.ip", "@time"], ["@time", "@text", "url.path"]]) {
      expect(readColumns(writeColumns(c))).toEqual(c);
    }
    expect(writeColumns(defaultColumns)).toEqual([]);
    expect(writeColumns(["@time", "source.ip"])).toEqual(["source.ip"]);
    expect(readColumns(["", " url.path", "url.path", "x".repeat(600)])).toEqual(["@time", "url.path"]);
  });

  test("toggle puts a field before the sentence, and never leaves nothing", () => {
    expect(toggleColumn(defaultColumns, "source.ip")).toEqual(["@time", "@type", "source.ip", "@text"]);
    expect(toggleColumn(["@time", "source.ip"], "source.ip")).toEqual(defaultColumns);
    expect(toggleColumn(["@time", "a", "b"], "a")).toEqual(["@time", "b"]);
  });

  test("move", () => {
    expect(moveColumn(["a", "b", "c"], "c", "a")).toEqual(["c", "a", "b"]);
    expect(moveColumn(["a", "b", "c"], "a")).toEqual(["b", "c", "a"]);
    expect(moveColumn(["a", "b"], "a", "a")).toEqual(["a", "b"]);
    expect(moveColumn(["a", "b"], "x", "a")).toEqual(["a", "b"]);
    expect(moveColumn(["a", "b"], "a", "gone")).toEqual(["a", "b"]);
  });

  test("what is remembered, by the set of log types", () => {
    const events = [{ type: "aws.waf" }, { type: "aws.alb" }, { type: "aws.waf" }] as YEvent[];
    expect(typeSet(events)).toBe("aws.alb+aws.waf");
    keepSet(typeSet(events), ["@time", "source.ip"]);
    keepWidth("source.ip", 200.4);
    expect(readKept()).toEqual({ widths: { "source.ip": 200 }, sets: { "aws.alb+aws.waf": ["source.ip"] } });
    keepSet(typeSet(events), defaultColumns);
    expect(readKept().sets).toEqual({});
    localStorage.setItem("yagura.columns", "{broken");
    expect(readKept()).toEqual({ widths: {}, sets: {} });
  });

  test("widths stay within bounds", () => {
    expect(widthOf("x", { x: 5 })).toBe(60);
    expect(widthOf("x", { x: 9999 })).toBe(1200);
    expect(widthOf("source.ip")).toBe(150);
  });
});
