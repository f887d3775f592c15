import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, inject } from "vitest";
import { expect, type Face, looks, test } from "./harness";

const boards = ["aws-waf", "aws-elb", "aws-cloudtrail", "aws-guardduty", "threat-hunting", "intake"];

/** Waits until every panel that asks something has its answer to the question asked now. */
async function answered(face: Face) {
  await face.page.waitForSelector("[data-board-state=done]", { timeout: 30_000 });
  await face.page.waitForFunction(
    () =>
      document.querySelector("[data-panel]") !== null &&
      document.querySelectorAll("[data-ready=stale]").length === 0 &&
      [...document.querySelectorAll("section[data-panel]")].every(
        (p) =>
          /^(controls|text)$/.test((p as HTMLElement).dataset.view ?? "") ||
          (p as HTMLElement).dataset.ready === "fresh",
      ),
    undefined,
    { timeout: 30_000 },
  );
  await face.settled();
}

const number = async (face: Face, panel: string) => {
  await answered(face);
  return Number(await face.page.getAttribute(`[data-panel="${panel}"] [data-number]`, "data-number"));
};

/** Makes the window as high as the page, so that every panel is drawn. */
async function whole(face: Face) {
  for (let i = 0; i < 2; i++) {
    const height = await face.page.evaluate(() => document.documentElement.scrollHeight);
    await face.page.setViewportSize({ width: face.page.viewportSize()!.width, height: Math.min(9000, height + 10) });
    await face.page.waitForTimeout(400);
  }
  await answered(face);
}

async function menu(face: Face, panel: string, item: string) {
  await face.page.hover(`[data-panel="${panel}"]`);
  await face.page.click(`[data-panel="${panel}"] [data-panel-menu]`);
  await face.page.click(`[role=menuitem]:has-text("${item}")`);
}

describe("every shipped dashboard", () => {
  for (const id of boards)
    for (const [theme, lang] of looks)
      test(`${id} is whole and accessible in ${theme} ${lang}`, async ({ open }) => {
        const face = await open({ theme, lang, width: theme === "light" ? 1440 : 1280 });
        await face.go(`/dashboards/${id}`);
        await answered(face);
        await whole(face);
        expect(await face.page.locator("section[data-panel] [role=alert]").allTextContents()).toEqual([]);
        const drawn = await face.page.locator("section[data-panel][data-ready=fresh]").count();
        expect(drawn).toBeGreaterThan(10);
        await face.shot(`dashboards/${id}-${theme}-${lang}`);
        await face.accessible("main");
      });
});

test("the list: find, tags, a card opens its board", async ({ open }) => {
  const face = await open();
  await face.go("/dashboards");
  await face.page.waitForSelector("[data-board=aws-waf]");
  expect(await face.page.locator("[data-board]").count()).toBeGreaterThanOrEqual(6);
  await face.accessible("main");
  await face.page.fill("input[placeholder='Find a dashboard']", "guard");
  await face.page.waitForFunction(() => document.querySelectorAll("[data-board]").length === 1);
  expect(face.address()).toContain("q=guard");
  await face.page.click("[data-board=aws-guardduty] h2 a");
  await face.page.waitForURL("**/dashboards/aws-guardduty**");
  await answered(face);
  // The author's own range.
  expect(face.address()).toContain("from=now-7d");
});

test("map click filters all panels, back undoes, reload keeps", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go("/dashboards/aws-waf");
  const before = await number(face, "requests");
  await page.locator("[data-panel=map-requests]").scrollIntoViewIfNeeded();
  await page.waitForSelector("[data-panel=map-requests] [data-country=JP]");
  await page.locator("[data-panel=map-requests] [data-country=JP]").dispatchEvent("click");
  await page.waitForURL("**f=source.geo.country_iso_code:JP**");
  const japan = await number(face, "requests");
  expect(japan).toBeLessThan(before);
  expect(japan).toBeGreaterThan(0);
  await page.reload();
  expect(await number(face, "requests")).toBe(japan);
  await face.shot("dashboards/filtered");
  await page.goBack();
  expect(await number(face, "requests")).toBeGreaterThan(japan);
  expect(face.address()).not.toContain("f=");
});

test("a value is filtered out with shift, a variable narrows, a comparison is kept in the address", async ({
  open,
}) => {
  const face = await open();
  const { page } = face;
  await face.go("/dashboards/aws-waf");
  const before = await number(face, "blocked");
  await page.locator("[data-panel=rules-donut]").scrollIntoViewIfNeeded();
  await page.click("[data-panel=rules-donut] [data-slice]", { modifiers: ["Shift"] });
  await page.waitForSelector("[data-filter^='-rule.name:']");
  expect(await number(face, "blocked")).toBeLessThan(before);
  await page.goBack();
  await page.click("[data-variable=action]");
  await page.click("[data-choice=BLOCK] input");
  await page.waitForURL("**v=action:BLOCK**");
  await page.keyboard.press("Escape");
  expect(await number(face, "requests")).toBe(await number(face, "blocked"));
  await page.click("input[aria-label='Compare with']");
  await page.click("[role=option] >> text=Week before");
  await page.waitForURL("**cmp=week**");
  await answered(face);
});

test("drawing a stretch becomes the range", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go("/dashboards/aws-waf");
  const before = await number(face, "requests");
  await page.locator("[data-panel=requests-time]").scrollIntoViewIfNeeded();
  const box = (await page.locator("[data-panel=requests-time] [data-chart]").boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => /from=\d{4}-/.test(decodeURIComponent(location.search)));
  const part = await number(face, "requests");
  expect(part).toBeLessThan(before);
  expect(part).toBeGreaterThan(0);
  await page.goBack();
  await page.waitForFunction(() => !/from=\d{4}-/.test(decodeURIComponent(location.search)));
});

test("numbers lead to their events, and there are as many", async ({ open }) => {
  const face = await open();
  const { page } = face;
  const counts = async (panel: string, selector: string, attribute: string) => {
    await face.go("/dashboards/aws-waf?from=now-20h");
    await answered(face);
    await page.locator(`[data-panel="${panel}"]`).scrollIntoViewIfNeeded();
    await page.waitForSelector(`[data-panel="${panel}"] ${selector}`);
    const n = Number(await page.getAttribute(`[data-panel="${panel}"] ${selector}`, attribute));
    await page.click(`[data-panel="${panel}"] ${selector}`);
    await page.waitForURL("**/explore**");
    await page.waitForSelector("[data-total]");
    await face.settled();
    expect(Number(await page.getAttribute("[data-total]", "data-total")), panel).toBe(n);
  };
  await counts("blocked", "[data-number]", "data-number");
  await counts("rules", "[data-count] >> nth=1", "data-count");
  await counts("blocked-paths", "[data-count] >> nth=0", "data-count");
});

test("full screen, table twin, query, CSV and PNG of a panel", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go("/dashboards/aws-waf");
  await answered(face);
  await page.locator("[data-panel=countries]").scrollIntoViewIfNeeded();
  await menu(face, "countries", "Full screen");
  await page.waitForURL("**panel=countries**");
  expect(await page.locator("section[data-panel]").count()).toBe(1);
  await face.settled();
  await face.shot("dashboards/full");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelectorAll("section[data-panel]").length > 20);

  await page.locator("[data-panel=countries]").scrollIntoViewIfNeeded();
  const [csv] = await Promise.all([page.waitForEvent("download"), menu(face, "countries", "Download CSV")]);
  const lines = readFileSync((await csv.path())!, "utf8").split("\r\n");
  expect(csv.suggestedFilename()).toBe("aws-waf-countries.csv");
  expect(lines[0]).toBe("source.geo.country_iso_code,Requests,Clients");
  expect(lines[1]).toMatch(/^JP,\d+,\d+$/);

  await page.locator("[data-panel=actions-time]").scrollIntoViewIfNeeded();
  const [png] = await Promise.all([page.waitForEvent("download"), menu(face, "actions-time", "Download PNG")]);
  const bytes = readFileSync((await png.path())!);
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(bytes.length).toBeGreaterThan(10_000);
  writeFileSync(join(import.meta.dirname, "out/dashboards-panel.png"), bytes);

  await menu(face, "actions-time", "Show as table");
  await page.waitForSelector("[data-panel=actions-time] table tbody tr >> nth=5");
  await menu(face, "actions-time", "Query and YAML");
  await page.waitForSelector("text=yagura query");
  await page.waitForSelector("[role=dialog] >> text=actions-time");
  await face.accessible("[role=dialog]");
});

test("the language changes under the board", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go("/dashboards/aws-waf?f=source.geo.country_iso_code:JP");
  const n = await number(face, "requests");
  await page.click("[aria-label=Language]");
  await page.click("text=日本語");
  await page.waitForSelector("[data-panel=requests] h2:text-is('リクエスト数')");
  expect(await number(face, "requests")).toBe(n);
});

test("a new board is made, changed, undone, saved as a file, and deleted", async ({ open }) => {
  const face = await open();
  const { page } = face;
  const id = `try-${Date.now().toString(36)}`;
  await face.go("/dashboards");
  await page.click("button >> text=New dashboard");
  await page.fill("[role=dialog] input >> nth=0", "Trial");
  await page.fill("[role=dialog] input >> nth=1", id);
  await page.click("[role=dialog] button[type=submit]");
  await page.waitForURL(`**/dashboards/${id}?edit=1`);
  await page.waitForSelector("[data-edit=events]");
  await answered(face);

  // Order and size by keys.
  await page.focus("[data-grip=events]");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector("[data-cell]")?.getAttribute("data-cell") === "over-time");
  await page.click("[aria-label=Undo]");
  await page.waitForFunction(() => document.querySelector("[data-cell]")?.getAttribute("data-cell") === "events");
  await page.focus("[data-grip=events]");
  await page.keyboard.press("Shift+ArrowRight");

  // A panel is added and gets another title and view; it is drawn at once.
  await page.click("button >> text=Add panel");
  await page.click("[role=menuitem] >> text=Top table");
  await page.waitForSelector("[data-panel-editor=table]");
  await page.fill("[data-panel-editor] input[name=title-en]", "Busiest");
  await page.press("[data-panel-editor] input[name=title-en]", "Enter");
  await page.waitForSelector("[data-panel=table] tbody tr");
  await face.shot("dashboards/editing");
  await face.accessible("main");
  await page.click("button:has-text('Save')");
  await page.waitForURL((u) => u.pathname === `/dashboards/${id}` && !u.search.includes("edit"));
  await page.reload();
  await answered(face);
  expect(await face.text("[data-panel=table] h2")).toBe("Busiest");

  await face.go("/dashboards");
  await page.waitForSelector(`[data-board=${id}] >> text=Own file`);
  await face.go(`/dashboards/${id}?edit=1`);
  await page.click("[aria-label=More]");
  await page.click("[role=menuitem] >> text=Delete this dashboard");
  await page.waitForURL("**/dashboards");
  await page.waitForSelector("[data-board=aws-waf]");
  expect(await page.locator(`[data-board=${id}]`).count()).toBe(0);
});

test("a built-in board is changed as YAML with its faults in place, saved, and reverted", async ({ open }) => {
  const face = await open({ allow: [/422 \(Unprocessable/] });
  const { page } = face;
  await face.go("/dashboards/intake?edit=1");
  await page.click("button:has-text('YAML')");
  await page.waitForSelector("[data-yaml] .cm-content");
  await page.click("[data-yaml] .cm-content");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\n  nonsense: 1");
  await page.waitForSelector("[data-problem]");
  await page.waitForSelector("[data-yaml] .cm-lintRange, [data-yaml] .cm-lint-marker");
  await face.shot("dashboards/yaml-fault");
  for (let i = 0; i < 40; i++) await page.keyboard.press("Control+z");
  await page.waitForSelector("text=No faults");
  await page.click("button:has-text('YAML')");
  await page.click("[data-remove] >> nth=1");
  const panels = await page.locator("[data-cell]").count();
  await page.click("button:has-text('Save')");
  await page.waitForURL((u) => !u.search.includes("edit"));
  await face.go("/dashboards");
  await page.waitForSelector("[data-board=intake] >> text=Own file, replaces the built-in one");
  await face.go("/dashboards/intake?edit=1");
  await page.waitForSelector("[data-cell]");
  expect(await page.locator("[data-cell]").count()).toBe(panels);
  await page.click("[aria-label=More]");
  await page.click("[role=menuitem] >> text=Revert to built-in");
  await page.waitForURL((u) => !u.search.includes("edit"));
  await face.go("/dashboards/intake?edit=1");
  await page.waitForSelector("[data-cell]");
  expect(await page.locator("[data-cell]").count()).toBe(panels + 1);
});

test("a broken file is listed with its fault, and all else works", async ({ open }) => {
  const { binary } = inject("surroundings");
  const data = mkdtempSync(join(tmpdir(), "yagura-broken-"));
  mkdirSync(join(data, "content/dashboards"), { recursive: true });
  writeFileSync(
    join(data, "content/dashboards/broken.yaml"),
    "title: {en: Broken, ja: 壊れ}\npanels:\n  - {id: a, view: pie, query: '* | stats'}\n",
  );
  const child: ChildProcess = spawn(
    binary,
    ["serve", "--data", data, "--ui-dir", join(import.meta.dirname, "../dist")],
    {
      env: { ...process.env, YAGURA_LISTEN: "127.0.0.1:0" },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  try {
    const base = await new Promise<string>((resolve, reject) => {
      let said = "";
      child.stderr!.on("data", (chunk) => {
        said += chunk;
        const at = /web page on (http\S+?)[\s)]/.exec(said);
        if (at) resolve(at[1]!.replace(/\/$/, ""));
      });
      child.on("exit", () => reject(new Error(said)));
    });
    const face = await open({ base });
    await face.go("/dashboards");
    await face.page.waitForSelector("[data-board=broken][data-broken]");
    expect(await face.text("[data-board=broken]")).toMatch(/Line 3, column \d+/);
    await face.shot("dashboards/broken");
    await face.accessible("main");
    await face.page.click("[data-board=broken] h2 a");
    await face.page.waitForSelector("[data-problem]");
    await face.shot("dashboards/broken-open");
    await face.go("/dashboards/aws-waf");
    await answered(face);
    expect(await number(face, "requests")).toBe(0);
    await face.shot("dashboards/empty");
  } finally {
    child.kill("SIGTERM");
    rmSync(data, { recursive: true, force: true });
  }
});

test("a phone shows a board in one column", async ({ open }) => {
  const face = await open({ width: 390 });
  await face.go("/dashboards/aws-waf");
  await answered(face);
  expect(await face.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await face.shot("dashboards/phone");
});

test("first paint, complete time, and what is sent", async ({ open }) => {
  const face = await open();
  await face.page.goto(`${face.base}/dashboards/aws-waf`);
  await face.page.waitForSelector("[data-cost]", { timeout: 30_000 });
  const done = await face.page.evaluate(() => performance.now());
  const paint = await face.page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  );
  const code = await face.page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter((r) => /\/assets\//.test(r.name))
      .reduce((n, r) => n + (r as PerformanceResourceTiming).encodedBodySize, 0),
  );
  console.log(
    `aws-waf: first paint ${paint.toFixed(0)} ms, complete ${done.toFixed(0)} ms, assets ${(code / 1024).toFixed(0)} KiB`,
  );
  expect(code).toBeLessThanOrEqual(700 * 1024);
});
