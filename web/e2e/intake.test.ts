import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, inject } from "vitest";
import { expect, type Face, looks, test } from "./harness";

/** Intake: the demonstration's sources and storage, and bad files in the inbox of a server with users of its own. */

const env = inject("surroundings");
const dist = fileURLToPath(new URL("../dist", import.meta.url));
let work = "";
let server: ChildProcess | undefined;
let base = "";

function drop(name: string, content: string | Uint8Array) {
  const out = join(work, "out");
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, name), content);
  renameSync(join(out, name), join(work, "data/inbox", name));
}

beforeAll(async () => {
  if (env.missing) return;
  work = mkdtempSync(join(tmpdir(), "yagura-e2e-intake-"));
  const data = join(work, "data");
  for (const role of ["admin", "analyst", "viewer"]) {
    execFileSync(env.binary, ["--data", data, "users", "add", role, "--role", role, "--password-stdin"], {
      input: `${env.password}\n`,
    });
  }
  const ui = process.env.YAGURA_UI_DIR ?? dist;
  const child = spawn(env.binary, ["serve", "--data", data, "--ui-dir", ui], {
    env: { ...process.env, YAGURA_LISTEN: "127.0.0.1:0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  server = child;
  base = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stderr!.on("data", (c) => {
      said += c;
      const at = /web page on (http\S+?)[\s)]/.exec(said);
      if (at) resolve(at[1]!.replace(/\/$/, ""));
    });
    child.on("exit", (code) => reject(new Error(`yagura serve ended (${code}): ${said}`)));
  });
});

afterAll(async () => {
  const child = server;
  if (child && child.exitCode === null) {
    await new Promise((done) => {
      child.once("exit", done);
      child.kill("SIGTERM");
    });
  }
  if (work) rmSync(work, { recursive: true, force: true });
});

const tabs = ["sources", "objects", "quarantine", "storage"];

for (const [theme, lang] of looks) {
  describe(`${theme} ${lang}`, () => {
    test(`every tab is whole and accessible in ${theme} ${lang}`, async ({ open }) => {
      const face = await open({ theme, lang });
      for (const tab of tabs) {
        await face.go(`/intake?tab=${tab}`);
        await face.shot(`intake-${tab}-${theme}-${lang}`, { full: true });
        await face.accessible();
        expect(await face.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
      }
    });
    test(`every tab fits a phone in ${theme} ${lang}`, async ({ open }) => {
      const face = await open({ theme, lang, width: 390 });
      for (const tab of tabs) {
        await face.go(`/intake?tab=${tab}`);
        await face.shot(`intake-phone-${tab}-${theme}-${lang}`);
        expect(await face.page.evaluate(() => document.documentElement.scrollWidth), tab).toBeLessThanOrEqual(390);
      }
    });
  });
}

test("a source leads to its objects, a filter stands in the address, back undoes it", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go("/intake");
  expect(await face.text("section[aria-label=Sources]")).toContain("bucket");
  await page.click("tr:has-text('bucket') a:has-text('Done')");
  await page.waitForURL("**state=done**");
  await face.settled();
  expect(face.address()).toMatch(/^\/intake\?tab=objects&source=bucket&state=done$/);
  await page.getByLabel("Part of the key").fill("CloudTrail");
  await page.waitForFunction(() => location.search.includes("key=CloudTrail"));
  await page.waitForFunction(() => {
    const rows = [...document.querySelectorAll("tbody tr")];
    return rows.length > 0 && rows.every((r) => r.textContent?.includes("CloudTrail"));
  });
  await page.reload();
  await face.settled();
  expect(await page.getByLabel("Part of the key").inputValue()).toBe("CloudTrail");
  const first = await face.text("tbody tr >> nth=0");
  await page.click("button:has-text('Older')");
  await page.waitForFunction(
    (x) => document.querySelector("tbody tr")?.textContent?.replace(/\s+/g, " ").trim() !== x,
    first,
  );
  await page.goBack();
  await face.settled();
  expect(await face.text("tbody tr >> nth=0")).toBe(first);
});

test("storage by day agrees with the events it opens", async ({ open }) => {
  const face = await open();
  const { page } = face;
  await face.go("/intake?tab=storage");
  await page.waitForSelector("[data-chart] canvas");
  const row = page.locator("section[aria-label='By day'] tbody tr").nth(1);
  const cells = (await row.locator("td").allTextContents()).map((x) => x.replaceAll(",", ""));
  await row.locator("a").first().click();
  await page.waitForURL("**/explore**");
  await face.settled();
  await page.waitForSelector("[data-total]");
  expect(face.address()).toContain(`from=${cells[0]}`);
  // Findings are stored beside the events but are none of them.
  const shown = Number(await page.getAttribute("[data-total]", "data-total"));
  expect(shown).toBeGreaterThan(0);
  expect(shown).toBeLessThanOrEqual(Number(cells[1]));
});

/** Waits until the quarantine of the server with bad files holds something. */
async function quarantine(face: Face) {
  await face.go("/intake?tab=quarantine");
  await face.page.waitForSelector("[data-reason]");
  await face.settled();
}

test("a bad file is told with its reason and raw bytes, replay leaves it where it is", async ({ open }) => {
  const face = await open({ base, as: "analyst" });
  const { page } = face;
  await face.go("/intake");
  drop("garbage.json", 'this is not json \u0000\u0001\u202e <img src=x onerror="document.title=1">\n{"half": tru');
  drop(
    "noise.bin",
    Uint8Array.from({ length: 2000 }, (_, i) => (i * 7919) % 256),
  );
  // Live: the page is open while the file arrives.
  await page.waitForSelector("text=No log type takes");
  await face.shot("intake-own-sources");
  await page.click("text=Show them");
  await page.waitForSelector("button:has-text('Load again')");
  await face.shot("intake-own-objects");
  await face.accessible();

  await quarantine(face);
  await face.shot("intake-own-groups");
  await page.click("[data-reason=unrecognised]");
  await page.waitForURL("**reason=unrecognised**");
  await face.settled();
  await page.locator("tr:has-text('garbage.json') button").click();
  await page.waitForSelector("[role=dialog] code");
  await face.settled();
  const text = await face.text("[role=dialog] [aria-label=Text]");
  expect(text).toContain('<img src=x onerror="document.title=1">');
  expect(text).toContain("\\x00\\x01\\u202e");
  expect(await page.locator("[role=dialog] img").count()).toBe(0);
  await face.shot("intake-own-record");
  await face.accessible("[role=dialog]");
  await page.click("[role=dialog] label:has-text('Hex')");
  expect(await face.text("[role=dialog] [aria-label=Hex]")).toContain("74 68 69 73 20 69 73");
  await face.shot("intake-own-hex");
  await page.reload();
  await page.waitForSelector("[role=dialog] >> text=garbage.json");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[role=dialog]", { state: "detached" });

  const before = await face.text("[data-count-of=unrecognised]");
  await page.click("button:has-text('Replay these')");
  await page.waitForSelector("text=Replay finished");
  expect(await face.text("[data-replay]")).toMatch(/0 became events.*failed again and stay/);
  await face.shot("intake-own-replayed");
  await face.accessible();
  expect(await face.text("[data-count-of=unrecognised]")).toBe(before);
});

test("an analyst loads an object again, a viewer only looks", async ({ open }) => {
  const face = await open({ base, as: "analyst" });
  await face.go("/intake?tab=objects&state=unrecognized");
  await face.page.click("button:has-text('Load again') >> nth=0");
  await face.settled();
  expect(await face.page.locator("[data-error]").count()).toBe(0);

  const looker = await open({ base, as: "viewer" });
  await quarantine(looker);
  expect(await looker.page.locator("button:has-text('Replay all')").count()).toBe(0);
  await looker.page.waitForSelector("text=Your role may look");
  await looker.go("/intake?tab=objects");
  expect(await looker.page.locator("button:has-text('Load again')").count()).toBe(0);
  await looker.shot("intake-viewer");
});
