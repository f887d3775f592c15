import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, inject } from "vitest";
import { expect, type Face, test } from "./harness";

/** Explore over a server of its own: logs that arrive while one looks, hostile logs, and a server that restarts. */

const env = inject("surroundings");
const dist = fileURLToPath(new URL("../dist", import.meta.url));
let work = "";
let port = 0;
let server: ChildProcess | undefined;
let base = "";

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const s = createServer().listen(0, "127.0.0.1", () => {
      const at = s.address() as { port: number };
      s.close(() => resolve(at.port));
    });
  });
}

async function start(): Promise<void> {
  const ui = process.env.YAGURA_UI_DIR ?? dist;
  const child = spawn(env.binary, ["serve", "--data", join(work, "data"), "--ui-dir", ui], {
    env: { ...process.env, YAGURA_LISTEN: `127.0.0.1:${port}` },
    stdio: ["ignore", "ignore", "pipe"],
  });
  server = child;
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stderr!.on("data", (c) => {
      said += c;
      if (/web page on/.test(said)) resolve();
    });
    child.on("exit", (code) => reject(new Error(`yagura serve ended (${code}): ${said}`)));
  });
}

async function stop(): Promise<void> {
  const child = server;
  if (!child || child.exitCode !== null) return;
  await new Promise((done) => {
    child.once("exit", done);
    child.kill("SIGTERM");
  });
}

let made = 0;

interface Request {
  uri: string;
  ip?: string;
  agent?: string;
  host?: string;
  ago?: number;
}

/** drop puts WAF records into the inbox, whole at once. */
function drop(requests: Request[]) {
  const lines = requests.map((r) =>
    JSON.stringify({
      timestamp: Date.now() - (r.ago ?? 1000),
      formatVersion: 1,
      webaclId: "arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/test/0000",
      terminatingRuleId: "Default_Action",
      terminatingRuleType: "REGULAR",
      action: "BLOCK",
      httpSourceName: "ALB",
      httpSourceId: "111122223333-app/test/0000",
      ruleGroupList: [],
      rateBasedRuleList: [],
      nonTerminatingMatchingRules: [],
      httpRequest: {
        clientIp: r.ip ?? "203.0.113.7",
        country: "NL",
        headers: [
          { name: "Host", value: r.host ?? "shop.example.jp" },
          { name: "User-Agent", value: r.agent ?? "test" },
        ],
        uri: r.uri,
        args: "",
        httpVersion: "HTTP/1.1",
        httpMethod: "GET",
        requestId: `r${++made}`,
      },
      labels: [],
    }),
  );
  const inbox = join(work, "data", "inbox");
  mkdirSync(inbox, { recursive: true });
  const name = `aws-waf-logs-test-${++made}.json`;
  writeFileSync(join(work, name), `${lines.join("\n")}\n`);
  renameSync(join(work, name), join(inbox, name));
}

beforeAll(async () => {
  if (env.missing) return;
  work = mkdtempSync(join(tmpdir(), "yagura-explore-"));
  port = await freePort();
  base = `http://127.0.0.1:${port}`;
  await start();
});

afterAll(async () => {
  await stop();
  if (work) rmSync(work, { recursive: true, force: true });
});

const busy = /503|Failed to load resource|net::ERR/;

async function found(face: Face, path: string, n: number) {
  for (let i = 0; i < 40; i++) {
    await face.go(path);
    if ((await face.page.locator("[data-row]").count()) >= n) return;
    await face.page.waitForTimeout(500);
  }
  throw new Error(`${path} never showed ${n} rows`);
}

test("without data, Explore says how to begin", async ({ open }) => {
  const face = await open({ base, allow: [busy] });
  await face.go("/explore");
  await face.page.waitForSelector("text=No logs yet");
  await face.shot("explore-no-data");
  await face.accessible();
});

test("live tail shows what is dropped into the inbox", async ({ open }) => {
  const face = await open({ base, allow: [busy] });
  const { page } = face;
  await face.go("/explore?q=event.action:BLOCK&live=1&cols=source.ip,url.path");
  await page.waitForSelector("text=Waiting for events");
  await page.waitForSelector("[data-state=open]");
  await page.waitForTimeout(1500);
  drop([{ uri: "/live/one" }, { uri: "/live/two", ip: "203.0.113.8" }]);
  await page.waitForSelector("[data-event-table] >> text='/live/two'", { timeout: 60_000 });
  await face.shot("explore-tail");
  await face.accessible();
  await page.click("text=Pause");
  drop([{ uri: "/live/three" }]);
  await page.waitForSelector("text=1 new event", { timeout: 60_000 });
  expect(await page.locator("[data-event-table] >> text='/live/three'").count()).toBe(0);
  await page.click("text=1 new event");
  await page.waitForSelector("[data-event-table] >> text='/live/three'");
  await page.click("text=Stop following");
  await page.waitForFunction(() => !location.search.includes("live"));
});

test("hostile logs stay text, everywhere", async ({ open }) => {
  const face = await open({ base, allow: [busy] });
  const { page } = face;
  const html = `/<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
  const bidi = "/safe\u202etxt.exe\u2066\u0007\u001b[31m\u200b";
  const formula = `=HYPERLINK("http://evil.example","x")`;
  const huge = `/huge/${"A".repeat(1_000_000)}`;
  drop([{ uri: html, agent: `"><svg onload=window.hacked=1>` }, { uri: bidi }, { uri: formula }, { uri: huge }]);
  await found(face, "/explore?q=not+url.path:/live/*&cols=url.path,user_agent.original,@text", 4);
  await face.shot("explore-hostile");
  const table = await page.textContent("[data-event-table]");
  expect(table).toContain("<img src=x onerror");
  expect(table).not.toMatch(/[\u202e\u2066\u0007\u001b\u200b]/);
  expect(table!.length).toBeLessThan(20_000);
  await face.accessible();

  const rows = await page.locator("[data-row]").count();
  for (let i = 0; i < rows; i++) {
    await page.evaluate(() => document.querySelector("[data-event-table]")!.scrollTo(0, 0));
    await page.click(`[data-row='${i}'] [role=cell] >> nth=0`);
    await page.waitForSelector(`[data-row='${i}'] [data-detail-field='url.path']`);
    for (const tab of ["Readable", "JSON", "Raw", "Table"]) {
      await page.click(`[data-row='${i}'] [data-detail] label >> text=${tab}`);
      await page.waitForSelector(`[data-row='${i}'] [data-tab=${tab.toLowerCase()}]`);
      const text = await page.textContent(`[data-row='${i}'] [data-detail]`);
      expect(text).not.toMatch(/[\u202e\u2066\u0007\u001b\u200b]/);
    }
    if (i < 4) await face.shot(`explore-hostile-${i}`);
    const all = page.locator(`[data-row='${i}'] [data-detail] >> text=/Show all/`).first();
    if ((await all.count()) > 0) {
      await all.click();
      await page.waitForSelector(`[data-row='${i}'] >> text=Too long to show whole`);
    }
    await page.click(`[data-row='${i}'] [role=cell] >> nth=0`);
  }
  // Values in menus, pills, the sidebar and the legend.
  await page.click("[data-field-name='url.path'] button >> nth=0");
  await page.waitForSelector("[data-values='url.path'] li");
  await page.hover("[data-values='url.path'] >> text=onerror");
  await page.click("[data-values='url.path'] [data-value*='onerror']");
  await page.click("[data-value-menu] >> text=Filter for");
  await page.waitForSelector("[data-filter^='url.path:']");
  await face.settled();
  expect(await page.locator("[data-row]").count()).toBe(1);
  await face.go("/explore?q=not+url.path:/live/*&by=url.path");
  await page.waitForSelector("[data-series]");
  const box = (await page.locator("[data-histogram]").boundingBox())!;
  for (let x = 50; x < box.width - 12; x += 12) await page.mouse.move(box.x + x, box.y + 60);
  await face.shot("explore-hostile-legend");
  expect(await page.evaluate(() => (window as unknown as { hacked?: number }).hacked)).toBeUndefined();

  await face.go("/explore?q=not+url.path:/live/*&cols=url.path");
  await page.click("[aria-label=More]");
  await page.click("text=Export…");
  await page.click("text=For Excel");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("[role=dialog] button >> text=Export"),
  ]);
  const text = readFileSync((await download.path())!, "utf8");
  expect(text.startsWith("\ufeff@timestamp,url.path\r\n")).toBe(true);
  expect(text).toContain(`"'=HYPERLINK(""http://evil.example"",""x"")"`);
  expect(text).toContain("A".repeat(1_000_000));
});

test("the server restarts under the open page", async ({ open }) => {
  const face = await open({ base, allow: [busy] });
  const { page } = face;
  await found(face, "/explore?q=event.action:BLOCK&cols=url.path", 3);
  await stop();
  await page.click(".cm-content");
  await page.keyboard.type(" and url.path:/live/*");
  await page.keyboard.press("Escape");
  await page.click("text=Run");
  await page.waitForSelector("text=The server does not answer", { timeout: 30_000 });
  await face.shot("explore-server-gone");
  await start();
  // The page asks again by itself once its stream is back; who is quicker may press the button.
  await page.click("text=Try again", { timeout: 3000 }).catch(() => {});
  await page.waitForSelector("[data-event-table] >> text='/live/one'", { timeout: 30_000 });
  expect(face.address()).toContain("url.path:/live/*");
});
