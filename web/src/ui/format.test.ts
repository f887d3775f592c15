import i18next from "i18next";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEvent, url } from "@/api/client";
import { csv, guard } from "./download";
import { bytes, cell, compact, country, date, duration, num, percent, relative, visible } from "./format";

async function speak(lang: string) {
  if (!i18next.isInitialized) await i18next.init({ lng: lang, resources: {} });
  await i18next.changeLanguage(lang);
}

const at = Date.UTC(2026, 10, 20, 8, 0, 5);

describe("English", () => {
  beforeAll(() => speak("en"));
  test("numbers and times", () => {
    expect([num(1234567), compact(1234567), percent(0.1234), bytes(1536), bytes(0)]).toEqual([
      "1,234,567",
      "1.2M",
      "12.3%",
      "1.5 KiB",
      "0 B",
    ]);
    expect([duration(12), duration(3400), duration(300_000)]).toEqual(["12 ms", "3.4 sec", "5 min"]);
    expect([
      date(at, "Asia/Tokyo"),
      date(at, "UTC", "second"),
      date(at + 7, "UTC", "milli"),
      date("bad", "UTC"),
    ]).toEqual(["2026-11-20 17:00", "2026-11-20 08:00:05", "2026-11-20 08:00:05.007", ""]);
    expect(relative(at - 300_000, at)).toBe("5 minutes ago");
    expect([country("JP"), country("Unknown"), country("ZZ")]).toEqual(["Japan", "Unknown", "Unknown Region"]);
  });
});

describe("Japanese", () => {
  beforeAll(() => speak("ja"));
  afterAll(() => speak("en"));
  test("numbers and times", () => {
    expect([date(at, "Asia/Tokyo"), compact(18_580_000), country("JP"), relative(at - 300_000, at)]).toEqual([
      "2026/11/20 17:00",
      "1858万",
      "日本",
      "5 分前",
    ]);
  });
});

test("content of logs cannot dress up", () => {
  expect(visible("a\u202eb\u0000\u001b[31m\tc")).toBe("a\\u202eb\\0\\x1b[31m\\tc");
  expect(visible("x".repeat(5000)).length).toBe(4001);
  expect([cell(null), cell(["a", "b"]), cell(true), cell(3), cell("")]).toEqual(["–", "a, b", "true", "3", ""]);
});

test("csv guards formulas and quotes", () => {
  expect(
    csv(
      ["a", "b"],
      [
        ["=1+1", 'x "y", z'],
        [-5, null],
      ],
    ),
  ).toBe('a,b\r\n\'=1+1,"x ""y"", z"\r\n-5,\r\n');
  expect(["@x", "+1", "-1", "\tx", "ok"].map(guard)).toEqual(["'@x", "'+1", "'-1", "'\tx", "ok"]);
});

test("addresses of the API are escaped", () => {
  expect(url("GET /rules/{id}", { path: { id: "a/b c" }, query: { x: 1, y: undefined, z: "" } })).toBe(
    "/api/v1/rules/a%2Fb%20c?x=1",
  );
});

test("events of a stream", () => {
  expect(readEvent('event: panel\nid: 7\ndata: {"a":\ndata: 1}')).toEqual({ event: "panel", id: "7", data: { a: 1 } });
  expect(readEvent(": heartbeat")).toBeUndefined();
});
