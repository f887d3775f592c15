import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** The browser of the system, or an explanation. */
export async function browser() {
  const names = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executablePath = names.find((n) => n && existsSync(n));
  if (!executablePath) throw new Error("no Chromium here: apt-get install chromium, or set CHROMIUM");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

async function fresh(chrome, base, address) {
  const context = await chrome.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en-US",
    timezoneId: "UTC",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  const sent = { page: 0, api: 0 };
  const devtools = await context.newCDPSession(page);
  const urls = new Map();
  await devtools.send("Network.enable");
  devtools.on("Network.requestWillBeSent", (e) => urls.set(e.requestId, e.request.url));
  devtools.on("Network.dataReceived", (e) => {
    sent[new URL(urls.get(e.requestId) ?? base).pathname.startsWith("/api/") ? "api" : "page"] += e.encodedDataLength;
  });
  await page.goto(base + address, { waitUntil: "commit" });
  return { context, page, sent };
}

const quiet = () => !document.querySelector("[aria-busy=true], [role=progressbar]");

/** First paint and transferred bytes of Explore, nothing in the browser's cache. */
export async function firstPaint(chrome, base, address) {
  const { context, page, sent } = await fresh(chrome, base, address);
  await page.waitForSelector("[data-event-table]");
  await page.waitForFunction(quiet);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  const ready = await page.evaluate(() => performance.now());
  await context.close();
  return { first_paint_ms: paint, settled_ms: ready, page_kb_gzip: sent.page / 1000, api_kb: sent.api / 1000 };
}

/** Opens a dashboard in a new window and waits until every panel shows its answer. */
export async function board(chrome, server, id, range) {
  const used = server.cpu();
  const query = new URLSearchParams({ from: range.from, to: range.to, tz: "UTC" });
  const { context, page } = await fresh(chrome, server.base, `/dashboards/${id}?${query}`);
  const settled = await page.waitForFunction(() => {
    const asked = performance.getEntriesByType("resource").some((e) => e.name.includes("/dashboards/run"));
    const busy = document.querySelector("[aria-busy=true], [role=progressbar]");
    return asked && !busy && document.querySelectorAll("[data-panel]").length > 3 && performance.now();
  });
  const ms = await settled.jsonValue();
  const answered = await page.evaluate(
    () => performance.getEntriesByType("resource").find((e) => e.name.includes("/dashboards/run")).responseEnd,
  );
  await context.close();
  return { settled_ms: ms, answered_ms: answered, server_cpu_ms: server.cpu() - used };
}

/** The longest the page stood still while somebody typed and a query ran. */
export async function typing(chrome, base, address, slow) {
  const { context, page } = await fresh(chrome, base, address);
  await page.waitForSelector("[data-event-table]");
  await page.waitForFunction(quiet);
  await page.evaluate(() => {
    window.tasks = [];
    new PerformanceObserver((l) => window.tasks.push(...l.getEntries().map((e) => e.duration))).observe({
      type: "longtask",
    });
    window.delays = [];
    new PerformanceObserver((l) => window.delays.push(...l.getEntries().map((e) => e.duration))).observe({
      type: "event",
      durationThreshold: 16,
    });
  });
  await page.click(".cm-content");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(slow);
  await page.keyboard.press("Escape");
  const asked = page.waitForRequest((r) => r.url().includes("/api/v1/query") && r.method() === "POST");
  await page.keyboard.press("Enter");
  await asked;
  await page.evaluate(() => {
    window.tasks.length = 0;
    window.delays.length = 0;
  });
  await page.keyboard.press("End");
  await page.keyboard.type(" and event.action:BLOCK and source.ip:203.0.113.7 and url.path:/login", { delay: 20 });
  const out = await page.evaluate(() => ({ tasks: window.tasks, delays: window.delays }));
  await context.close();
  return {
    longest_task_ms: Math.max(0, ...out.tasks),
    tasks_over_50_ms: out.tasks.length,
    slowest_key_ms: Math.max(0, ...out.delays),
  };
}

/** Jumps in a table of 10,000 rows, until the rows of the place are drawn. */
export async function scrolling(chrome, base, address) {
  const { context, page } = await fresh(chrome, base, address);
  await page.waitForSelector("[data-event-table] [data-row]");
  const count = async () => Number(await page.getAttribute("[data-event-table]", "aria-rowcount")) - 1;
  for (let i = 0; i < 60 && (await count()) < 10_000; i++) {
    const before = await count();
    await page.evaluate(() => {
      const el = document.querySelector("[data-event-table]");
      el.scrollTop = el.scrollHeight;
    });
    await page.waitForFunction(
      (n) => Number(document.querySelector("[data-event-table]").getAttribute("aria-rowcount")) - 1 > n,
      before,
    );
  }
  const rows = await count();
  const jumps = await page.evaluate(async () => {
    const el = document.querySelector("[data-event-table]");
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const height = el.querySelector("[data-row]").getBoundingClientRect().height;
    const out = [];
    for (let i = 0; i < 24; i++) {
      await frame();
      const to = Math.floor((((i * 7919) % 24) / 24) * (el.scrollHeight - el.clientHeight));
      const start = performance.now();
      el.scrollTop = to;
      for (let n = 0; n < 300; n++) {
        await frame();
        if (el.querySelector(`[data-row="${Math.floor(to / height) + 4}"]`)) break;
      }
      out.push(performance.now() - start);
    }
    return out.sort((a, b) => a - b);
  });
  await context.close();
  return { rows, median_ms: jumps[12], worst_ms: jumps.at(-1) };
}
