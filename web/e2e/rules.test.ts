import { afterAll, beforeAll, describe, inject } from "vitest";
import { expect, looks, test } from "./harness";
import { Own } from "./own";

const env = inject("surroundings");
let own: Own;
const noSession = /401 \(Unauthorized\).*\/api\/v1\/me/;

beforeAll(async () => {
  if (env.missing) return;
  own = new Own();
  own.addUsers("admin", "viewer");
  own.writeRule(
    "broken.yaml",
    "title: Broken\nlogsource: {product: aws, service: waf}\ndetection:\n  a:\n    url.path|nonsense: x\n  condition: a\n",
  );
  await own.start();
});

afterAll(async () => own?.end());

for (const [theme, lang] of looks) {
  describe(`${theme} ${lang}`, () => {
    test(`rules are whole and accessible in ${theme} ${lang}`, async ({ open }) => {
      const face = await open({ theme, lang });
      await face.go("/rules");
      await face.page.waitForSelector("tr[data-rule]");
      await face.shot(`rules-${theme}-${lang}`);
      await face.accessible();
      await face.go("/rules?q=attack.t1078.004&show=firing");
      await face.page.locator("tr[data-rule] a").first().click();
      await face.page.waitForSelector("[data-findings] li");
      await face.page.waitForSelector("[data-editor] .cm-content");
      await face.settled();
      await face.shot(`rule-${theme}-${lang}`);
      expect(await face.text("dd[data-author]")).toBe("Yagura authors");
      await face.accessible();
      await face.go("/rules/new");
      await face.page.waitForSelector("[data-checked] [data-mood], [data-checked] span");
      await face.page.waitForSelector("[data-tests] li");
      await face.shot(`rule-new-${theme}-${lang}`);
      await face.accessible();
    });
    test(`rules fit a phone in ${theme} ${lang}`, async ({ open }) => {
      const face = await open({ theme, lang, width: 390 });
      for (const path of ["/rules", "/rules/9ed16385-340c-44c5-8b30-1884f27445a6", "/rules/new"]) {
        await face.go(path);
        await face.page.waitForTimeout(0);
        await face.shot(`rules-phone-${path.length}-${theme}-${lang}`);
        expect(await face.page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390);
      }
    });
  });
}

test("the list narrows by facets and words, in the address", async ({ open }) => {
  const face = await open();
  await face.go("/rules");
  await face.page.waitForSelector("tr[data-rule]");
  const all = await face.page.locator("tr[data-rule]").count();
  expect(all).toBeGreaterThanOrEqual(20);
  await face.page.click("[data-facet='type:aws.guardduty']");
  await face.page.waitForURL("**/rules?type=aws.guardduty");
  expect(await face.page.locator("tr[data-rule]").count()).toBeLessThan(all);
  await face.page.click("[data-facet='level:critical']");
  await face.page.waitForFunction(() => document.querySelectorAll("tr[data-rule]").length === 1);
  await face.page.goBack();
  await face.page.goBack();
  await face.page.waitForFunction((n) => document.querySelectorAll("tr[data-rule]").length === n, all);
  await face.page.getByLabel("Search rules").fill("no such thing at all");
  await face.page.waitForSelector("text=No rule fits");
});

test("a rule explains itself on what it found last", async ({ open }) => {
  const face = await open({ allow: [/404 .*explain/] });
  await face.go("/rules/989a30b2-a49a-411c-b5bd-15609928a7a8");
  await face.page.waitForSelector("[data-tree] >> text=kali");
  await face.page.click("button:has-text('Take its last finding')");
  await face.page.waitForSelector("text=It matches");
  expect(await face.page.locator("[data-explained] [data-holds=true]").count()).toBeGreaterThan(0);
  await face.page.locator("[data-explained]").scrollIntoViewIfNeeded();
  await face.shot("rule-explained");
  await face.accessible();
  await face.page.getByLabel("Id of an event, or its address in Explore").fill("nothing");
  await face.page.click("button:has-text('Explain')");
  await face.page.waitForSelector("[data-error='404']");
}, 60_000);

test("a broken file is told with its place; the rest works; a rule is written, checked, saved and runs at once", async ({
  open,
}) => {
  const face = await open({
    base: own.base,
    allow: [noSession, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|Failed to load|ERR_NETWORK|ERR_EMPTY/],
  });
  await face.go("/login");
  await face.signIn("admin");
  await face.go("/rules");
  await face.page.waitForSelector("[data-problems]");
  expect(await face.text("[data-problems]")).toMatch(/broken\.yaml line 5, column 5 unknown modifier "nonsense"/);
  expect(await face.page.locator("tr[data-rule]").count()).toBeGreaterThanOrEqual(20);
  await face.shot("rules-broken");
  await face.page.click("text=New rule");
  await face.page.waitForURL("**/rules/new");
  await face.page.waitForSelector("[data-checked] >> text=No problems");
  const editor = face.page.locator("[data-editor] .cm-content");
  const put = async (from: string, to: string) => {
    await editor.evaluate(
      (el, [a, b]) => {
        // biome-ignore lint/suspicious/noExplicitAny: the editor behind the element
        const view = (el as any).cmTile?.view ?? (el as any).cmView?.view ?? (el as any).cmView?.rootView?.view;
        const at = view.state.doc.toString().indexOf(a!);
        view.dispatch({ changes: { from: at, to: at + a!.length, insert: b! } });
      },
      [from, to],
    );
  };
  await put("url.path|startswith", "url.path|nonsense");
  await face.page.waitForSelector("[data-problems] >> text=unknown modifier");
  expect(await face.page.locator("button:has-text('Save as file')").isDisabled()).toBe(true);
  expect(await face.page.locator(".cm-lintRange-error").count()).toBeGreaterThan(0);
  await face.shot("rule-broken");
  await face.accessible();
  await face.page.click("[data-problems] button");
  await put("url.path|nonsense", "url.path|startswith");
  await face.page.waitForSelector("[data-checked] >> text=No problems");
  await put("title: New rule", "title: Ours\u003cb\u003e");
  await put("/shop", "/admin/x");
  await face.page.waitForSelector("text=Tests: 1 fails");
  await face.shot("rule-test-fails");
  await put("/admin/x", "/shop");
  await face.page.waitForSelector("[data-tests] li:nth-child(2)[data-ok=true]");
  await face.page.click("button:has-text('Save as file')");
  await face.page.waitForSelector("text=It runs from now on.");
  await face.shot("rule-saved");
  await face.go("/rules?origin=user");
  await face.page.waitForSelector("tr[data-rule] >> text=Ours<b>");
  await face.page.click("tr[data-rule] >> text=Ours<b>");
  await face.page.waitForSelector("a:has-text('Edit rule')");
  own.drop([{ ip: "203.0.113.77", uri: "/shop" }]);
}, 120_000);

test("a viewer may try a rule but not save it", async ({ open }) => {
  const face = await open({ base: own.base, allow: [noSession] });
  await face.go("/login");
  await face.signIn("viewer");
  await face.go("/rules/new");
  await face.page.waitForSelector("text=Your role may try rules here but not save them.");
  await face.page.waitForSelector("[data-tests] li");
  expect(await face.page.locator("button:has-text('Save as file')").isDisabled()).toBe(true);
});
