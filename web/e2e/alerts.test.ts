import { afterAll, beforeAll, describe, inject } from "vitest";
import { expect, type Face, looks, test } from "./harness";
import { Own } from "./own";

const env = inject("surroundings");
let own: Own;

beforeAll(async () => {
  if (env.missing) return;
  own = new Own();
  own.addUsers("admin", "analyst", "viewer");
  await own.start();
});

afterAll(async () => own?.end());

const noSession = /401 \(Unauthorized\).*\/api\/v1\/me/;

/** A window of a user on the server of this file. */
async function signedIn(
  open: (o: object) => Promise<Face>,
  name: string,
  options: { width?: number; allow?: RegExp[] } = {},
): Promise<Face> {
  const face = await open({ ...options, base: own.base, allow: [noSession, ...(options.allow ?? [])] });
  await face.go("/login");
  await face.signIn(name);
  return face;
}

const hostile = "sqlmap/1.8 <img src=x onerror=alert(1)> \u202egnp.exe";

for (const [theme, lang] of looks) {
  describe(`${theme} ${lang}`, () => {
    test(`alerts are whole and accessible in ${theme} ${lang}`, async ({ open }) => {
      const face = await open({ theme, lang });
      await face.go("/alerts?sort=severity");
      await face.page.waitForSelector("tr[data-alert]");
      await face.shot(`alerts-${theme}-${lang}`);
      await face.accessible();
      await face.page.locator("tr[data-alert] a").nth(2).click();
      await face.page.waitForSelector("[data-log]");
      await face.settled();
      await face.page.locator("[data-evidence] button").first().click();
      await face.page.waitForSelector("[data-event] [data-detail-field]");
      await face.settled();
      await face.shot(`alert-${theme}-${lang}`, { full: true });
      expect(await face.text("[data-author]")).toBe("Yagura authors");
      expect(await face.page.locator("[data-event] tr[data-marked]").count()).toBeGreaterThan(0);
      await face.accessible();
    });
    test(`alerts fit a phone in ${theme} ${lang}`, async ({ open }) => {
      const face = await open({ theme, lang, width: 390 });
      const fits = async () =>
        expect(await face.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await face.go("/alerts");
      await face.page.waitForSelector("tr[data-alert]");
      await face.shot(`alerts-phone-${theme}-${lang}`);
      await fits();
      await face.page.locator("tr[data-alert] a").first().click();
      await face.page.waitForSelector("[data-log]");
      await face.settled();
      await face.shot(`alert-phone-${theme}-${lang}`, { full: true });
      await fits();
      await face.accessible();
    });
  });
}

test("facets, words and order stand in the address; back and reload", async ({ open }) => {
  const face = await open();
  await face.go("/alerts");
  await face.page.waitForSelector("tr[data-alert]");
  const count = Number(await face.page.locator("[data-facet='severity:high'] > :last-child").textContent());
  await face.page.click("[data-facet='severity:high']");
  await face.page.waitForURL("**/alerts?severity=high");
  await face.page.waitForFunction((n) => document.querySelectorAll("tr[data-alert]").length === n, count);
  expect(await face.page.locator("tr[data-alert]:not([data-severity=high])").count()).toBe(0);
  await face.page.getByLabel("Search alerts").fill("cloudtrail");
  await face.page.waitForURL("**q=cloudtrail");
  await face.page.waitForFunction(() => document.querySelectorAll("tr[data-alert]").length === 1);
  await face.page.reload();
  await face.settled();
  await face.page.waitForFunction(() => document.querySelectorAll("tr[data-alert]").length === 1);
  await face.page.getByLabel("Search alerts").fill("nothing like this");
  await face.page.waitForSelector("text=No alert fits");
  await face.page.goBack();
  await face.page.waitForFunction(() => document.querySelectorAll("tr[data-alert]").length > 1);
});

test("the evidence leads to its events, the group to its page", async ({ open }) => {
  const face = await open();
  await face.go("/alerts?q=attack+tool");
  await face.page.locator("tr[data-alert] a").first().click();
  await face.page.waitForSelector("[data-log]");
  expect(await face.page.locator("a:has-text('report-export')").first().getAttribute("href")).toMatch(
    /^\/entity\/user\?value=report-export&from=/,
  );
  await face.page.click("text=Findings in Explore");
  await face.page.waitForURL("**/explore?q=*");
  await face.settled();
  expect(face.address()).toContain("yagura.finding.alert");
});

test("an alert that is not there is said", async ({ open }) => {
  const face = await open({ allow: [/404/] });
  await face.go("/alerts/00000000000000000000");
  await face.page.waitForSelector("text=There is no such alert");
});

test("new alerts come by themselves; one is worked through and its history says who", async ({ open }) => {
  const face = await signedIn(open, "analyst");
  await face.go("/alerts");
  await face.page.waitForSelector("text=Nothing waits for you");
  await face.shot("alerts-empty");
  await face.accessible();
  own.drop([1, 2, 3, 4, 5, 6].map((n) => ({ ip: `203.0.113.${n}`, agent: n === 1 ? hostile : "sqlmap/1.8" })));
  await face.page.waitForFunction(() => document.querySelectorAll("tr[data-alert]").length === 6, undefined, {
    timeout: 30_000,
  });
  await face.page.waitForSelector("[role=alert]:has-text('new alert'), [class*=Notification]:has-text('lert')");
  await face.shot("alerts-raised");

  await face.page.click("tr[data-alert]:has-text('203.0.113.1') a");
  await face.page.waitForSelector("[data-log]");
  await face.settled();
  const chip = await face.text("[aria-label='Why it fired']");
  expect(chip).toContain("<img src=x onerror=alert(1)>");
  expect(chip).toContain("\\u202e");
  await face.page.click("button:has-text('Acknowledge')");
  await face.page.waitForSelector("[data-log] li[data-action=acknowledge]");
  expect(await face.text("[data-log] li[data-action=acknowledge]")).toMatch(/^analyst acknowledged it/);
  await face.page.getByPlaceholder("Write what you found out").fill("Our own scanner\nof Friday");
  await face.page.click("button:has-text('Comment')");
  await face.page.waitForSelector("[data-log] li[data-action=comment]");
  await face.page.click("button:has-text('Close …')");
  await face.page.getByLabel("Benign: expected").check();
  await face.page.getByLabel("Note").fill("pentest");
  await face.shot("alert-close");
  await face.accessible("[role=dialog]");
  await face.page.click("[role=dialog] button:has-text('Close alert')");
  await face.page.waitForSelector("[data-log] li[data-action=close]");
  expect(await face.text("[data-log] li[data-action=close]")).toMatch(
    /^analyst closed it\s?Benign: expected\s?pentest/,
  );
  await face.page.waitForSelector("[role=dialog]", { state: "detached" });
  await face.shot("alert-worked", { full: true });
  await face.page.reload();
  await face.page.waitForSelector("button:has-text('Reopen')");
  await face.page.goBack();
  await face.page.waitForFunction(() => document.querySelectorAll("tr[data-alert]").length === 5);
});

test("several at once by the keyboard, and a viewer is refused", async ({ open }) => {
  const face = await signedIn(open, "analyst");
  await face.go("/alerts");
  await face.page.waitForFunction(() => document.querySelectorAll("tr[data-alert]").length === 5);
  for (const key of ["j", "x", "j", "x", "j", "k"]) await face.page.keyboard.press(key);
  await face.page.waitForSelector("text=2 chosen");
  await face.shot("alerts-chosen");
  await face.accessible();
  await face.page.keyboard.press("a");
  await face.page.waitForFunction(() => document.querySelectorAll("tr[data-status=acknowledged]").length === 2);
  await face.page.click("[aria-label='Choose all that are shown']");
  await face.page.keyboard.press("e");
  await face.page.waitForSelector("[role=dialog]");
  await face.page.getByLabel("Duplicate").check();
  await face.page.click("[role=dialog] button:has-text('Close alert')");
  await face.page.waitForSelector("text=Nothing waits for you");
  await face.page.click("[data-facet='status:closed']");
  await face.page.waitForFunction(() => document.querySelectorAll("tr[data-alert]").length === 6);
  await face.page.locator("tr[data-alert]").first().locator("input").check();
  await face.page.click("button:has-text('Reopen')");
  await face.page.waitForFunction(() => document.querySelectorAll("tr[data-alert]").length === 5);

  const viewer = await signedIn(open, "viewer", { allow: [/403/] });
  await viewer.go("/alerts");
  await viewer.page.locator("tr[data-alert] a").first().click();
  await viewer.page.waitForSelector("text=Your role may look at alerts but not change them.");
  await viewer.page.click("button:has-text('Acknowledge')");
  await viewer.page.waitForSelector("text=Ask an analyst or an admin.");
  await viewer.shot("alert-refused");
  expect(await viewer.text("[data-log]")).not.toContain("viewer");
});
