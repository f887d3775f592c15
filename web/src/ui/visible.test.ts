import { describe, expect, test } from "vitest";
import { bytesAt, clip, unitsAt, visible, visibleParts } from "./visible";

describe("visible", () => {
  test.each([
    ["plain 日本語 é", "plain 日本語 é"],
    ["a\nb\tc\r", "a\\nb\\tc\\r"],
    ["\u001b[31mred", "\\x1b[31mred"],
    ["user\u202etxt.exe", "user\\u202etxt.exe"],
    ["zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"],
    ["\ud800 alone", "\\ud800 alone"],
    ["😀 stays", "😀 stays"],
    ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
  ])("%j", (text, want) => expect(visible(text)).toBe(want));

  test("parts tell text from escapes, and lines may stay", () => {
    expect(visibleParts("a\u202eb\n", false)).toEqual([
      { text: "a", odd: false },
      { text: "\\u202e", odd: true },
      { text: "b", odd: false },
      { text: "\\n", odd: true },
    ]);
    expect(visibleParts("{\n\t1}", true)).toEqual([{ text: "{\n\t1}", odd: false }]);
    expect(visibleParts("")).toEqual([]);
  });

  test("clip never halves a pair", () => {
    expect(clip("ab😀", 3)).toBe("ab");
    expect(clip("ab😀", 4)).toBe("ab😀");
  });

  test("bytes and units", () => {
    const text = "a日😀é:b";
    for (let i = 0; i <= text.length; i++) {
      if (i === 3) continue; // inside the pair
      expect(unitsAt(text, bytesAt(text, i))).toBe(i);
    }
    expect(unitsAt(text, 999)).toBe(text.length);
    expect(unitsAt("日", 1)).toBe(0);
  });
});
