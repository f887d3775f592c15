import { describe } from "vitest";
import { expect, type Face, looks, test } from "./harness";

/** The attacker of the demonstration who tries SQL injection. */
const attacker = "/entity/ip?value=198.51.100.23&from=now-30d";

async function total(face: Face): Promise<number> {
  await face.page.waitForSelector("[data-answer]");
  await face.settled();
  return Number(await face.page.getAttribute("[data-answer]", "data-answer"));
}

for (const [theme, lang] of looks) {
  describe(`${theme} ${lang}`, () => {
    test(`the page of an address is whole and accessible in ${theme} ${lang}`, async ({ open }) => {
      const face = await open({ theme, lang });
      await face.go(attacker);
      expect(await total(face)).toBeGreaterThan(1000);
      await face.page.waitForSelector("[data-histogram] canvas");
      await face.shot(`entity-${theme}-${lang}`, { full: true });
      await face.accessible();
      expect(await face.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
    });
    test(`it fits a phone in ${theme} ${lang}`, async ({ open }) => {
      const face = await open({ theme, lang, width: 390 });
      await face.go(attacker);
      await total(face);
      await face.shot(`entity-phone-${theme}-${lang}`, { full: true });
      expect(await face.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    });
  });
}

test("facts, findings and what it touched tell the attack", async ({ open }) => {
  const face = await open();
  await face.go(attacker);
  await total(face);
  expect(await face.text("[data-fact=country]")).toContain("United States (US)");
  expect(await face.text("[data-fact=asn]")).toContain("AS64552");
  expect(await face.text("[data-fact=bot]")).toContain("sqlmap");
  expect(await face.text("[data-top='rule.name']")).toContain("SQLi_QUERYARGUMENTS");
  expect(await face.page.locator("[data-finding]").count()).toBeGreaterThan(0);
  expect(await face.text("[data-number=findings]")).toMatch(/\d+ ?\+?.*in \d+ alert/);
  await face.page.click("[data-finding] a >> nth=0");
  await face.page.waitForURL("**/alerts/**");
});

test("a person comes from an event, goes on by a value, and back undoes each step", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go("/explore?from=now-30d&q=event.action:BLOCK&cols=source.ip,url.path");
  await page.waitForSelector("[data-event-table] [data-row]");
  const ip = await face.text("[data-event-table] [data-row='0'] [data-field='source.ip']");
  await page.click("[data-event-table] [data-row='0'] [data-field='source.ip']");
  await page.click("[data-value-menu] >> text=Open its page");
  await page.waitForURL("**/entity/ip**");
  await total(face);
  expect(await face.text("[data-entity]")).toBe(ip);
  expect(face.address()).toBe(`/entity/ip?value=${ip}&from=now-30d&to=now`);

  const path = await face.text("[data-top='url.path'] [data-value] >> nth=0");
  await page.click("[data-top='url.path'] [data-value] >> nth=0");
  await face.shot("entity-value-menu");
  await page.click("[data-value-menu] >> text=Open its page");
  await page.waitForURL("**/entity/path**");
  await total(face);
  expect(await face.text("[data-entity]")).toBe(path);
  await page.reload();
  await total(face);
  expect(await face.text("[data-entity]")).toBe(path);
  await page.goBack();
  await total(face);
  expect(await face.text("[data-entity]")).toBe(ip);
});

test("drawing a stretch narrows the page, back widens it", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go("/entity/path?value=/login&from=now-7d");
  const all = await total(face);
  await page.waitForSelector("[data-histogram] canvas");
  const box = (await page.locator("[data-histogram]").boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 6 });
  await page.mouse.up();
  await page.waitForFunction(() => /from=\d{4}-/.test(location.search));
  await page.waitForFunction(
    (n) => Number(document.querySelector("[data-answer]")?.getAttribute("data-answer")) < n,
    all,
  );
  await page.goBack();
  await page.waitForFunction(
    (n) => Number(document.querySelector("[data-answer]")?.getAttribute("data-answer")) > n * 0.9,
    all,
  );
  expect(face.address()).toContain("from=now-7d");
});

test("a number opens its events in Explore, as many as it says", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(attacker);
  await total(face);
  const shown = Number((await face.text("[data-type='aws.waf'] a")).replaceAll(",", ""));
  await page.click("[data-type='aws.waf'] a");
  await page.waitForURL("**/explore**");
  await face.settled();
  await page.waitForSelector("[data-total]");
  expect(Number(await page.getAttribute("[data-total]", "data-total"))).toBe(shown);
  await page.goBack();
  await total(face);
  await page.click("text=Dashboards >> nth=1");
  await page.waitForSelector("[role=menuitem] >> text=AWS WAF");
  expect(await page.getAttribute("[role=menuitem]:has-text('AWS WAF')", "href")).toBe(
    "/dashboards/aws-waf?from=now-30d&to=now&f=source.ip:198.51.100.23",
  );
  await page.keyboard.press("Escape");
  await page.keyboard.press("e");
  await page.waitForURL("**/explore**");
});

test("an event opens in its row and stays open after a reload", async ({ open }) => {
  const face = await open();
  await face.go(attacker);
  await total(face);
  await face.page.click("[data-event-table] [data-row='0'] [role=cell] >> nth=0");
  await face.page.waitForSelector("[data-detail-field='source.ip']");
  expect(face.address()).toContain("open=");
  await face.page.reload();
  await face.page.waitForSelector("[data-detail-field='source.ip']");
});

test("nothing in the range leads to where something is; nonsense says what is wrong", async ({ open }) => {
  const face = await open({ allow: [/422/] });
  await face.go("/entity/ip?value=198.51.100.23&from=now-90d&to=now-60d");
  await face.page.waitForSelector("[data-answer='0'] >> text=It was last seen");
  await face.shot("entity-nothing");
  await face.accessible();
  await face.page.click("text=Show that day");
  await face.page.waitForFunction(
    () => Number(document.querySelector("[data-answer]")?.getAttribute("data-answer")) > 0,
  );

  await face.go("/entity/ip?value=zebra");
  await face.page.waitForSelector("text=is no address");
  await face.shot("entity-no-address");
  await face.accessible();
  await face.page.getByLabel("Value").fill("198.51.100.77");
  await face.page.getByLabel("Value").press("Enter");
  await face.page.waitForURL("**value=198.51.100.77**");

  await face.go("/entity/planet/mars");
  await face.page.waitForSelector("text=There is no kind");
});

test("a hostile value is text and nothing else", async ({ open }) => {
  const face = await open();
  const hostile = '/<img src=x onerror="document.title=1">\u202e\u0000&f=x';
  await face.go(`/entity/path?value=${encodeURIComponent(hostile)}`);
  await face.page.waitForSelector("[data-answer='0']");
  expect(await face.text("[data-entity]")).toContain('<img src=x onerror="document.title=1">');
  expect(await face.text("[data-entity]")).not.toContain("\u202e");
  expect(await face.page.locator("[data-entity] img").count()).toBe(0);
});
