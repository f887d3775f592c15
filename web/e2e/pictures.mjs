// Takes the pictures of the README: node pictures.mjs http://127.0.0.1:8514 docs/images. Called by scripts/screenshots.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [, , base, out] = process.argv;
const executablePath = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((n) => n && existsSync(n));
const most = 250 * 1024;
const pages = [
  { name: "waf", path: "/dashboards/aws-waf", ready: "[data-cost]", size: [1600, 1350], scale: 0.76 },
  {
    name: "explore",
    path: "/explore?q=event.module:aws.waf&by=event.action",
    ready: "[data-total]",
    size: [1360, 800],
  },
  { name: "home", path: "/", ready: "h1" },
];

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
let large = 0;
for (const theme of ["light", "dark"]) {
  for (const { name, path, ready, size = [1360, 940], scale = 1 } of pages) {
    const context = await browser.newContext({
      viewport: { width: size[0], height: size[1] },
      deviceScaleFactor: scale,
      locale: "en-US",
      timezoneId: "Asia/Tokyo",
      reducedMotion: "reduce",
    });
    await context.addInitScript((t) => {
      localStorage.setItem("yagura.theme", t);
      localStorage.setItem("yagura.lang", "en");
    }, theme);
    const page = await context.newPage();
    await page.goto(base + path);
    await page.waitForSelector(ready, { timeout: 60_000 });
    await page.waitForFunction(
      () => !document.querySelector("[aria-busy=true], [role=progressbar], [data-ready=stale]"),
    );
    await page.waitForTimeout(800);
    const file = join(out, `${name}-${theme}.png`);
    await page.screenshot({ path: file, animations: "disabled" });
    const bytes = statSync(file).size;
    console.log(`${file} ${Math.round(bytes / 1024)} KiB`);
    if (bytes > most) large++;
    await context.close();
  }
}
await browser.close();
if (large > 0) {
  console.error(`${large} pictures are larger than 250 KiB`);
  process.exit(1);
}
