import { describe } from "vitest";
import { expect, looks, test } from "./harness";

const pages: [string, string][] = [
  ["home", "/"],
  ["settings", "/settings"],
  ["help", "/help"],
  ["missing", "/no/such/page"],
];

for (const [theme, lang] of looks) {
  describe(`${theme} ${lang}`, () => {
    for (const [name, path] of pages) {
      test(`${name} is whole and accessible in ${theme} ${lang}`, async ({ open }) => {
        const face = await open({ theme, lang });
        await face.go(path);
        await face.shot(`${name}-${theme}-${lang}`, { full: true });
        await face.accessible();
      });
      test(`${name} fits a phone in ${theme} ${lang}`, async ({ open }) => {
        const face = await open({ theme, lang, width: 390 });
        await face.go(path);
        await face.shot(`${name}-phone-${theme}-${lang}`, { full: true });
        expect(await face.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      });
    }
  });
}

test("keys go where they say, the palette finds pages, ? lists the keys", async ({ open }) => {
  const face = await open();
  await face.go("/");
  await face.page.keyboard.press("g");
  await face.page.keyboard.press("e");
  await face.page.waitForURL("**/explore**");
  await face.settled();
  await face.page.locator("h1").first().click({ force: true });
  await face.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await face.page.keyboard.press("?");
  await face.page.waitForSelector("[role=dialog] kbd");
  expect(await face.text("[role=dialog]")).toContain("Dashboards");
  await face.page.keyboard.press("Escape");
  await face.page.waitForSelector("[role=dialog] kbd", { state: "detached" });
  await face.page.keyboard.press("Control+k");
  await face.page.getByLabel("Search commands and pages").fill("intake");
  await face.page.waitForSelector("[data-selected] >> text=Intake");
  await face.page.keyboard.press("Enter");
  await face.page.waitForURL("**/intake**");
});

test("the language changes at once and stays", async ({ open }) => {
  const face = await open();
  await face.go("/help");
  await face.page.click("[aria-label=Language]");
  await face.page.click("text=日本語");
  await face.page.waitForSelector("h1:text('ヘルプ')");
  expect(await face.page.evaluate(() => document.documentElement.lang)).toBe("ja");
  await face.page.reload();
  await face.settled();
  expect(await face.text("h1")).toBe("ヘルプ");
});

test("the time picker changes the range, back undoes it", async ({ open }) => {
  const face = await open();
  await face.go("/explore");
  await face.page.click("[data-range]");
  await face.page.click("text=Last 7 days");
  expect(face.address()).toBe("/explore?from=now-7d");
  await face.page.click("[data-range]");
  await face.page.getByLabel("From").fill("-3h");
  await face.page.keyboard.press("Enter");
  await face.page.waitForURL("**from=now-3h**");
  await face.page.click("[data-range]");
  await face.page.getByLabel("From").fill("soon");
  await face.page.waitForSelector("text=Not a time");
  await face.shot("time-picker");
  await face.accessible("[role=dialog]");
  await face.page.keyboard.press("Escape");
  await face.page.click("[data-range]");
  await face.page.locator("[role=dialog] label:has-text('UTC')").click();
  await face.page.waitForFunction(() => document.querySelector("[data-range]")?.textContent?.endsWith("UTC"));
  await face.page.goBack();
  await face.page.goBack();
  expect(face.address()).toBe("/explore?from=now-7d");
  await face.page.goBack();
  expect(face.address()).toBe("/explore");
});

test("home leads to events and alerts", async ({ open }) => {
  const face = await open();
  await face.go("/");
  const shown = await face.text("[data-count]");
  await face.page.click("[data-count]");
  await face.page.waitForURL("**/alerts?status=new");
  expect(shown).toMatch(/^[\d,]+$/);
});

test("a server that is gone is told, and the page comes back with it", async ({ open }) => {
  const face = await open({ allow: [/ERR_FAILED/] });
  await face.go("/");
  await face.page.route(/\/(api|readyz)/, (route) => route.abort());
  await face.page.keyboard.press("r");
  await face.page.waitForSelector("text=No answer from the server");
  expect(await face.page.locator("[data-count]").count()).toBe(1);
  await face.shot("server-gone");
  await face.page.unroute(/\/(api|readyz)/);
  await face.page.waitForSelector("text=No answer from the server", { state: "detached" });
});

test("an empty installation says how to start", async ({ open }) => {
  const face = await open({ as: "analyst" });
  await face.go("/");
  await face.page.waitForSelector("text=Welcome to Yagura");
  await face.shot("home-empty");
  await face.accessible();
});
