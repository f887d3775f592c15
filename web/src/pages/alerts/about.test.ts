import { expect, test } from "vitest";
import { groupText, tagText, tagUrl, webLink } from "./about";

test("tags lead to ATT&CK and to vulnerabilities", () => {
  expect(tagUrl("attack.t1098.001")).toBe("https://attack.mitre.org/techniques/T1098/001/");
  expect(tagUrl("attack.T1110")).toBe("https://attack.mitre.org/techniques/T1110/");
  expect(tagUrl("attack.initial_access")).toBe("https://attack.mitre.org/tactics/TA0001/");
  expect(tagUrl("attack.s0039")).toBe("https://attack.mitre.org/software/S0039/");
  expect(tagUrl("cve.2021-44228")).toBe("https://nvd.nist.gov/vuln/detail/CVE-2021-44228");
  expect(tagUrl("attack.")).toBeUndefined();
  expect(tagUrl("toString")).toBeUndefined();
  expect([tagText("attack.t1098.001"), tagText("attack.initial-access"), tagText("ours")]).toEqual([
    "T1098.001",
    "Initial access",
    "ours",
  ]);
});

test("only addresses of the web are links, what an alert is about is one line", () => {
  expect(webLink("https://example.com/a")).toBe("https://example.com/a");
  expect(webLink("javascript:alert(1)")).toBeUndefined();
  expect(webLink("see https://x")).toBeUndefined();
  expect(
    groupText({
      group: [
        { field: "a", value: "1" },
        { field: "b", value: "2" },
      ],
    }),
  ).toBe("1 · 2");
});
