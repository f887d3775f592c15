import { expect, test } from "vitest";
import { eventIdOf, newRule, testWords } from "./words";

test("tests are taken apart", () => {
  expect(testWords('url.path contains "/login"')).toEqual({
    field: "url.path",
    op: "contains",
    exactly: false,
    value: "/login",
  });
  expect(testWords('any value contains "a \\"is\\" b"')).toEqual({
    field: "",
    op: "contains",
    exactly: false,
    value: 'a "is" b',
  });
  expect(testWords('http.response.status_code >= "500"')?.op).toBe("gte");
  expect(testWords("source.ip is in 10.0.0.0/8")).toEqual({
    field: "source.ip",
    op: "in",
    exactly: false,
    value: "10.0.0.0/8",
  });
  expect(testWords("user.name is present")).toEqual({
    field: "user.name",
    op: "present",
    exactly: false,
    value: undefined,
  });
  expect(testWords('event.action is exactly "Go"')?.exactly).toBe(true);
  expect(testWords("something else")).toBeUndefined();
});

test("ids are read from addresses, new rules have ids of their own", () => {
  expect(eventIdOf(" abc-1 ")).toBe("abc-1");
  expect(eventIdOf("http://x/explore?from=now-1h&open=abc-0-1&q=a")).toBe("abc-0-1");
  expect(newRule("2026-11-22")).toMatch(/^id: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/m);
});
