import { readFileSync } from "node:fs";
import { describe } from "vitest";
import { expect, type Face, looks, test } from "./harness";

/** Everything the demonstration has, whenever it was made. */
const all = "from=now-30d";

async function total(face: Face): Promise<number> {
  await face.settled();
  await face.page.waitForSelector("[data-total]");
  return Number(await face.page.getAttribute("[data-total]", "data-total"));
}

async function write(face: Face, text: string) {
  await face.page.click(".cm-content");
  await face.page.keyboard.press("Control+a");
  await face.page.keyboard.press("Delete");
  await face.page.keyboard.type(text);
}

/** Draws a stretch of the histogram, as parts of its width. */
async function brush(face: Face, a: number, b: number) {
  const box = (await face.page.locator("[data-histogram]").boundingBox())!;
  const at = (part: number) => box.x + box.width * part;
  await face.page.mouse.move(at(a), box.y + 60);
  await face.page.mouse.down();
  await face.page.mouse.move(at((a + b) / 2), box.y + 60, { steps: 4 });
  await face.page.mouse.move(at(b), box.y + 60, { steps: 4 });
  await face.page.mouse.up();
}

const cell = (field: string, n = 0) => `[data-event-table] [data-row] [data-field="${field}"] >> nth=${n}`;

test("type with completion, run, draw a stretch, go back, filter by click, reload", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?${all}&cols=source.ip,event.action,url.path`);
  const everything = await total(face);
  expect(everything).toBeGreaterThan(100_000);

  await page.keyboard.press("/");
  await page.keyboard.type("event.act");
  await page.waitForSelector(".cm-tooltip-autocomplete >> text=event.action");
  await face.shot("explore-completion-field");
  await page.keyboard.press("Tab");
  expect(await face.text(".cm-line")).toBe("event.action:");
  await page.keyboard.type("BL");
  await page.waitForSelector(".cm-tooltip-autocomplete >> text=BLOCK");
  await face.shot("explore-completion-value");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  expect(await face.text(".cm-line")).toBe("event.action:BLOCK");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.search.includes("q=event.action:BLOCK"));
  const blocked = await total(face);
  expect(blocked).toBeGreaterThan(100);
  expect(blocked).toBeLessThan(everything);

  await brush(face, 0.5, 0.96);
  await page.waitForFunction(() => !location.search.includes("from=now-30d"));
  expect(face.address()).toMatch(/from=\d{4}-\d\d-\d\d/);
  expect(await total(face)).toBeLessThanOrEqual(blocked);
  await face.shot("explore-zoomed");
  await page.goBack();
  expect(await total(face)).toBe(blocked);
  expect(face.address()).toContain("from=now-30d");

  await page.click(cell("source.ip"));
  await page.waitForSelector("[data-value-menu]");
  await face.shot("explore-value-menu");
  await page.click("[data-value-menu] >> text=Filter out");
  await page.waitForSelector("[data-filter^='-source.ip:']");
  const without = await total(face);
  expect(without).toBeLessThan(blocked);
  await page.click(cell("source.ip"), { modifiers: ["Shift"] });
  await page.waitForFunction(() => document.querySelectorAll("[data-filter^='-source.ip:']").length === 2);
  const less = await total(face);
  expect(less).toBeLessThan(without);
  await face.shot("explore-filtered");
  const address = face.address();
  await page.reload();
  expect(await total(face)).toBe(less);
  expect(face.address()).toBe(address);
  expect(await face.text(".cm-line")).toBe("event.action:BLOCK");
  await page.goBack();
  expect(await total(face)).toBe(without);
  await page.goBack();
  expect(await total(face)).toBe(blocked);
  await page.goBack();
  expect(await total(face)).toBe(everything);
  expect(await page.textContent(".cm-content")).toContain("Search");
});

test("a row opens into every view of its event, by mouse and by keys", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?${all}&q=event.module:aws.waf+and+event.action:BLOCK`);
  await page.click("[data-row='1'] [role=cell] >> nth=0");
  await page.waitForSelector("[data-detail-field='source.ip']");
  expect(face.address()).toContain("open=");
  await face.shot("explore-detail-table");
  await face.accessible("[data-detail]");
  const ip = await face.text("[data-detail-field='source.ip'] td >> nth=1");
  await page.click("[data-detail] >> text=Readable");
  await face.shot("explore-detail-readable");
  expect(await face.text("[data-detail]")).toContain(ip);
  await page.click("[data-detail] label >> text=JSON");
  const json = JSON.parse((await page.textContent("[data-detail] pre"))!);
  expect(json.source.ip).toBe(ip);
  await face.shot("explore-detail-json");
  await page.click("[data-detail] label >> text=Raw");
  expect(await face.text("[data-detail]")).toContain("httpRequest");
  await face.shot("explore-detail-raw");
  await page.click("[data-detail] label >> text=Around");
  await page.waitForSelector("[data-detail] li[data-this]");
  expect(await page.locator("[data-detail] ol li").count()).toBeGreaterThan(20);
  await face.shot("explore-detail-around");
  await page.click("[data-detail] [aria-label='Which events']");
  await page.click("[role=option] >> text=Same source.ip");
  await face.settled();
  await page.waitForSelector("[data-detail] .y-stale", { state: "detached" });
  expect(await face.text("[data-detail] ol")).toContain(ip);
  await face.accessible("[data-detail]");

  await page.click("[data-detail] >> text=Copy");
  await page.click("[role=menuitem] >> text=Copy as JSON");
  expect(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())).source.ip).toBe(ip);

  await page.click("[data-detail] label >> text=Table");
  await page.click("[data-row='1'] [role=cell] >> nth=0");
  await page.waitForSelector("[data-detail]", { state: "detached" });
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press("j");
  await page.keyboard.press("o");
  await page.waitForSelector("[data-row='2'] [data-detail-field]");
  await page.keyboard.press("o");
  await page.keyboard.press("k");
  await page.keyboard.press("x");
  await page.waitForSelector("text=1 event chosen");
  await page.reload();
  await face.settled();
});

test("the address of an opened event shows it again", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?${all}&q=event.action:BLOCK&order=oldest`);
  await page.click("[data-row='3'] [role=cell] >> nth=0");
  const id = await page.getAttribute("[data-detail] [data-event]", "data-event");
  await face.go(`/explore?${all}&open=${id}`);
  await page.waitForSelector(`[data-event='${id}'] [data-detail-field]`);
  await face.shot("explore-pinned");
});

test("columns are chosen, moved, resized, and remembered", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?${all}&q=event.module:aws.waf`);
  await page.waitForSelector("[data-field-name='url.path']");
  await page.click("[aria-label='Show url.path as a column']");
  await page.click("[aria-label='Show source.ip as a column']");
  await page.waitForFunction(() => location.search.includes("cols=@type,url.path,source.ip,@text"));
  await page.dragAndDrop("[data-column='source.ip']", "[data-column='url.path']");
  await page.waitForFunction(() => location.search.includes("cols=@type,source.ip,url.path,@text"));
  await page.locator("[data-column='@text']").hover();
  await page.click("[data-column='@text'] [aria-label^='Remove']");
  await page.waitForFunction(() => location.search.includes("cols=@type,source.ip,url.path"));
  const before = (await page.locator("[data-column='source.ip']").boundingBox())!.width;
  const grip = (await page.locator("[data-column='source.ip'] hr").boundingBox())!;
  await page.mouse.move(grip.x + 4, grip.y + 10);
  await page.mouse.down();
  await page.mouse.move(grip.x + 84, grip.y + 10, { steps: 4 });
  await page.mouse.up();
  expect((await page.locator("[data-column='source.ip']").boundingBox())!.width).toBeCloseTo(before + 80, -1);
  await face.shot("explore-columns");
  await face.go(`/explore?${all}&q=event.module:aws.waf`);
  await page.waitForSelector("[data-column='url.path']");
  expect((await page.locator("[data-column='source.ip']").boundingBox())!.width).toBeCloseTo(before + 80, -1);
});

test("10,000 rows scroll without waiting", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(
    `/explore?${all}&cols=@type,source.ip,event.action,url.path,user_agent.name,http.response.status_code,@text`,
  );
  for (let i = 0; i < 40; i++) {
    const loaded = Number(await page.getAttribute("[data-event-table]", "aria-rowcount")) - 1;
    if (loaded >= 10_000) break;
    await page.evaluate(() => {
      const el = document.querySelector("[data-event-table]")!;
      el.scrollTop = el.scrollHeight;
    });
    await page.waitForFunction(
      (n) => Number(document.querySelector("[data-event-table]")!.getAttribute("aria-rowcount")) - 1 > n,
      loaded,
    );
  }
  expect(await page.getAttribute("[data-event-table]", "aria-rowcount")).toBe("10001");
  const jumps = await page.evaluate(async () => {
    const el = document.querySelector<HTMLElement>("[data-event-table]")!;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const out: number[] = [];
    for (let i = 0; i < 24; i++) {
      await frame();
      const to = Math.floor((((i * 7919) % 24) / 24) * (el.scrollHeight - el.clientHeight));
      const start = performance.now();
      el.scrollTop = to;
      for (;;) {
        await frame();
        const rows = [...el.querySelectorAll<HTMLElement>("[data-row]")].map((r) => Number(r.dataset.row));
        if (rows.includes(Math.floor(to / 28) + 4)) break;
      }
      out.push(performance.now() - start);
    }
    return out.sort((a, b) => a - b);
  });
  console.log(`scroll jump in 10,000 rows: median ${jumps[12]!.toFixed(0)} ms, worst ${jumps.at(-1)!.toFixed(0)} ms`);
  expect(jumps[12]).toBeLessThanOrEqual(60);
  await face.shot("explore-10k");
});

test("a mistake is shown in place, with what to write instead", async ({ open }) => {
  const face = await open({ allow: [/400 \(Bad Request\)/] });
  const { page } = face;
  await face.go(`/explore?${all}`);
  await write(face, "source.ip = 1.2.3.4");
  await page.waitForSelector(".cm-lintRange-error");
  expect(await face.text(".cm-lintRange-error")).toBe("=");
  expect(await face.text("[role=alert]")).toContain("write source.ip:1.2.3.4");
  await face.shot("explore-mistake");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await face.settled();
  await page.waitForSelector(".cm-lintRange-error");
  await face.accessible();
  await write(face, "source.ip:1.2.3.4");
  await page.waitForSelector(".cm-lintRange-error", { state: "detached" });
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=No event at all matches");
  await face.shot("explore-empty");
  await face.accessible();
  await page.click("text=Clear the query");
  expect(await total(face)).toBeGreaterThan(100_000);
});

test("arrow-up brings what was asked before", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?${all}`);
  for (const q of ["event.action:BLOCK", "event.module:aws.alb"]) {
    await write(face, q);
    await page.keyboard.press("Escape");
    await page.click(".cm-content");
    await page.keyboard.press("Enter");
    await face.settled();
  }
  await write(face, "");
  await page.keyboard.press("Escape");
  await page.click(".cm-content");
  await page.keyboard.press("ArrowUp");
  expect(await face.text(".cm-line")).toBe("event.module:aws.alb");
  await page.keyboard.press("ArrowUp");
  expect(await face.text(".cm-line")).toBe("event.action:BLOCK");
  await page.keyboard.press("ArrowDown");
  expect(await face.text(".cm-line")).toBe("event.module:aws.alb");
});

test("fields tell their values, and filter", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?${all}&q=event.module:aws.waf`);
  const before = await total(face);
  await page.click("[data-field-name='event.action'] button >> nth=0");
  await page.waitForSelector("[data-values='event.action'] >> text=BLOCK");
  await face.shot("explore-values");
  await page.hover("[data-values='event.action'] >> text=BLOCK");
  await page.click("[aria-label='Only BLOCK']");
  await page.waitForSelector("[data-filter='event.action:BLOCK']");
  expect(await total(face)).toBeLessThan(before);
  await page.fill("[aria-label='Find a field']", "country");
  await page.waitForSelector("[data-field-name='source.geo.country_iso_code']");
  expect(await page.locator("[data-field-name='event.action']").count()).toBe(0);
});

test("the histogram: another field, comparison, legend", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?from=now-24h&q=event.module:aws.waf&by=event.action&cmp=previous`);
  const before = await total(face);
  await page.waitForSelector("[data-series='BLOCK']");
  const box = (await page.locator("[data-histogram]").boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + 70);
  await page.waitForTimeout(100);
  await face.shot("explore-histogram-compare");
  expect(await page.locator("figure table caption").textContent()).toContain("Events over time");
  await page.click("[data-series='BLOCK']");
  await page.waitForSelector("[data-filter='event.action:BLOCK']");
  expect(await total(face)).toBeLessThan(before);
});

test("statistics: rows lead to their events, a chart, a file", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?${all}&q=event.action:BLOCK+%7C+stats+count()+as+n+by+url.path+%7C+sort+n+desc`);
  await page.waitForSelector("[data-result-table] [role=row]");
  await face.shot("explore-stats-table");
  await face.accessible();
  const first = await page.locator("[data-result-table] [role=row] >> nth=1").locator("[role=cell]").allTextContents();
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("[aria-label='Download as CSV']")]);
  const lines = readFileSync((await download.path())!, "utf8").split("\r\n");
  expect(lines[0]).toBe("url.path,n");
  expect(lines[1]).toBe(`${first[1]},${first[2]!.replace(/,/g, "")}`);
  await page.click("[role=radiogroup][aria-label=View] label >> text=Bars");
  await page.waitForSelector("[data-stats-chart=bar] canvas");
  await face.shot("explore-stats-bars");
  await page.goBack();
  await page.click("[data-result-table] [role=row] >> nth=1 >> a");
  await page.waitForSelector("[data-filter^='url.path:']");
  expect(await total(face)).toBe(Number(first[2]!.replace(/,/g, "")));

  await face.go(
    `/explore?${all}&view=chart&q=event.module:aws.waf+%7C+stats+count()+as+n+by+bucket(auto),+event.action`,
  );
  await page.waitForSelector("[data-stats-chart=line] canvas");
  await face.shot("explore-stats-lines");
});

test("a dear search asks first", async ({ open }) => {
  const face = await open({ allow: [/422 \(Unprocessable/] });
  const { page } = face;
  // The demonstration is too small to be dear: the server's refusal is played.
  await page.route(/\/api\/v1\/(query|histogram)$/, async (route) => {
    if (route.request().postDataJSON().yes) return route.continue();
    await route.fulfill({
      status: 422,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: "urn:yagura:problem:too-dear",
        title: "This search is dear",
        status: 422,
        detail: "x",
      }),
    });
  });
  await face.go('/explore?from=now-1h&q="union+select"');
  await page.waitForSelector("text=This search reads every record");
  await face.shot("explore-consent");
  await face.accessible();
  await page.click("text=Search anyway");
  await page.waitForSelector("text=This search reads every record", { state: "detached" });
  await face.settled();
});

test("save, share, copy as command, export", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?${all}&q=event.action:BLOCK&f=-url.path:/admin&cols=source.ip,url.path`);
  const found = await total(face);
  const name = `Blocks but admin ${Date.now()}`;
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

  await page.click("[aria-label='Saved searches']");
  await page.click("text=Save this search…");
  await page.fill("[role=dialog] input[type=text], [role=dialog] input:not([type])", name);
  await page.click("text=Share with everyone");
  await face.shot("explore-save");
  await page.click("[role=dialog] button[type=submit]");
  await page.waitForSelector("[role=dialog]", { state: "detached" });

  await page.click("[aria-label=Share]");
  await page.click("text=these exact times");
  await page.waitForSelector("text=Link with fixed times copied");
  const link = new URL(await clipboard());
  expect(link.searchParams.get("from")).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d/);
  expect(link.searchParams.getAll("f")).toEqual(["-url.path:/admin"]);
  await page.click("[aria-label=More]");
  await page.click("text=Copy as command");
  await page.waitForSelector("text=Command copied");
  expect(await clipboard()).toMatch(/^yagura query .*event\.action:BLOCK/);

  await page.click("[aria-label=More]");
  await page.click("text=Export…");
  await page.fill("[role=dialog] input[inputmode]", "50");
  await face.shot("explore-export");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("[role=dialog] button >> text=Export"),
  ]);
  const text = readFileSync((await download.path())!, "utf8");
  expect(text.startsWith("\ufeff")).toBe(false);
  const lines = text.split("\r\n");
  expect(lines[0]).toBe("@timestamp,source.ip,url.path");
  expect(lines.length).toBe(52);

  await face.go("/explore");
  await page.click("[aria-label='Saved searches']");
  await page.click("text=Open a saved search…");
  await page.waitForSelector(`[data-saved='${name}']`);
  await face.shot("explore-open-saved");
  await page.click(`[data-saved='${name}']`);
  await page.waitForSelector("[data-filter='-url.path:/admin']");
  expect(await total(face)).toBe(found);
  expect(face.address()).toContain("cols=source.ip,url.path");
  await page.click("[aria-label='Saved searches']");
  await page.click("text=Open a saved search…");
  await page.click(`[aria-label='Delete ${name}']`);
  await page.waitForSelector(`[data-saved='${name}']`, { state: "detached" });
});

test("a search becomes a rule draft in two clicks", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?${all}&q=event.action:BLOCK+and+url.path:/api/*`);
  await page.click("[aria-label=More]");
  await page.click("text=Make a rule of it");
  await page.waitForURL("**/rules/new?draft=1");
  const draft = await page.evaluate(() => JSON.parse(sessionStorage.getItem("yagura.rule.draft") ?? "{}"));
  expect(draft.yaml).toContain("event.action: BLOCK");
});

test("a slow question can be cancelled, and a new one ends the old", async ({ open }) => {
  const face = await open({ allow: [/Failed to load resource/] });
  const { page } = face;
  await page.route(/\/api\/v1\/query$/, async (route) => {
    await new Promise((r) => setTimeout(r, route.request().postDataJSON().q === "" ? 4000 : 0));
    await route.continue().catch(() => {});
  });
  await page.goto(`${face.base}/explore?${all}`);
  const aborted: string[] = [];
  page.on("requestfailed", (r) => aborted.push(r.url()));
  await page.click("button >> text=Cancel");
  await page.waitForSelector("text=The search was stopped");
  await face.shot("explore-cancelled");
  await page.click("text=Run again");
  await page.waitForSelector("button >> text=Cancel");
  await write(face, "event.action:BLOCK");
  await page.keyboard.press("Escape");
  await page.click(".cm-content");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-row]");
  expect(aborted.filter((u) => u.endsWith("/query")).length).toBe(2);
});

test("the language changes under the search; Japanese exports are for Excel", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go(`/explore?${all}&q=event.action:BLOCK`);
  await page.click("[aria-label=Language]");
  await page.click("text=日本語");
  await page.waitForSelector("button >> text=実行");
  await face.shot("explore-ja");
  await page.click("[aria-label=その他]");
  await page.click("text=エクスポート…");
  await page.fill("[role=dialog] input[inputmode]", "10");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("[role=dialog] button >> text='エクスポート'"),
  ]);
  const text = readFileSync((await download.path())!, "utf8");
  expect(text.startsWith("\ufeff@timestamp")).toBe(true);
  expect(text.split("\r\n").length).toBe(12);
});

test("first paint and what is sent", async ({ open }) => {
  const face = await open();
  const client = await face.context.newCDPSession(face.page);
  await client.send("Network.enable");
  let sent = 0;
  client.on("Network.loadingFinished", (e) => (sent += e.encodedDataLength));
  await face.page.goto(`${face.base}/explore`);
  await face.settled();
  const paint = await face.page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  );
  const shown = await face.page.evaluate(() => performance.now());
  const code = await face.page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter((r) => /\/assets\//.test(r.name))
      .reduce((n, r) => n + (r as PerformanceResourceTiming).encodedBodySize, 0),
  );
  console.log(
    `explore: first paint ${paint.toFixed(0)} ms, settled ${shown.toFixed(0)} ms, assets ${(code / 1024).toFixed(0)} KiB, all ${(sent / 1024).toFixed(0)} KiB`,
  );
  expect(code).toBeLessThanOrEqual(700 * 1024);
});

for (const [theme, lang] of looks) {
  describe(`${theme} ${lang}`, () => {
    test(`explore is accessible in ${theme} ${lang}`, async ({ open }) => {
      const face = await open({ theme, lang });
      await face.go(`/explore?${all}&q=event.module:aws.waf&cmp=week&f=-event.action:COUNT`);
      await face.page.click("[data-field-name='event.action'] button >> nth=0");
      await face.page.click("[data-row='0'] [role=cell] >> nth=0");
      await face.page.waitForSelector("[data-detail-field]");
      await face.settled();
      await face.shot(`explore-${theme}-${lang}`);
      await face.accessible();
      await face.page.click(`[aria-label="${lang === "ja" ? "例とヘルプ" : "Examples and help"}"]`);
      await face.page.waitForSelector("h3");
      await face.shot(`explore-help-${theme}-${lang}`);
      await face.accessible();
    });
    test(`explore fits a phone in ${theme} ${lang}`, async ({ open }) => {
      const face = await open({ theme, lang, width: 390 });
      await face.go(`/explore?${all}&q=event.action:BLOCK&f=-event.action:COUNT`);
      await face.shot(`explore-phone-${theme}-${lang}`);
      expect(await face.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await face.accessible();
    });
  });
}

test("what an empty answer offers leads to events", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go("/explore?from=2020-01-01&to=2020-01-02&q=event.action:BLOCK");
  await page.waitForSelector("text=There are matching events at another time");
  await face.shot("explore-elsewhere");
  await page.click("button >> text=/^Go to 20/");
  await page.waitForSelector("[data-row]");
  expect(await total(face)).toBeGreaterThan(0);
});

test("a page that cannot be loaded leaves the others, and can be tried again", async ({ open }) => {
  const face = await open({ allow: [/Failed to load resource|net::ERR/] });
  const { page } = face;
  await face.go(`/explore?${all}`);
  await page.route(/\/api\/v1\/query$/, (route) => route.abort());
  await page.evaluate(() => {
    const el = document.querySelector("[data-event-table]")!;
    el.scrollTop = el.scrollHeight;
  });
  await page.waitForSelector("text=The next events could not be loaded");
  expect(await page.getAttribute("[data-event-table]", "aria-rowcount")).toBe("201");
  await page.unroute(/\/api\/v1\/query$/);
  await page.click("text=Try again");
  await page.waitForFunction(
    () => document.querySelector("[data-event-table]")!.getAttribute("aria-rowcount") === "1201",
  );
});

test("double click zooms out", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go("/explore?from=now-7d");
  const before = await total(face);
  await page.dblclick("[data-histogram]");
  await page.waitForFunction(() => !location.search.includes("from=now-7d"));
  expect(await total(face)).toBeGreaterThanOrEqual(before);
});
