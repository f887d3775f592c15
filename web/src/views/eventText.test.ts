import { expect, test } from "vitest";
import { nested, quote } from "./eventText";

test("dotted fields become a document", () => {
  expect(nested({ "source.ip": "1.2.3.4", "source.geo.name": "x", message: "m" })).toEqual({
    message: "m",
    source: { geo: { name: "x" }, ip: "1.2.3.4" },
  });
});

test("a name that is also a group keeps its dotted form, and no name reaches a prototype", () => {
  expect(nested({ "a.b": 1, "a.b.c": 2 })).toEqual({ a: { b: 1 }, "a.b.c": 2 });
  const made = nested({ "__proto__.polluted": "yes", "constructor.x": 1 });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(made).toEqual({ "__proto__.polluted": "yes", constructor: { x: 1 } });
});

test("arguments of a shell", () => {
  expect(quote("event.action:BLOCK")).toBe("event.action:BLOCK");
  expect(quote("it's $(rm) `x`")).toBe("'it'\\''s $(rm) `x`'");
});
