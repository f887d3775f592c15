import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, test as base, expect, inject } from "vitest";

/** Browser tests: `test("what a person does", async ({ open }) => { const face = await open({ lang: "ja" }); … })`. */

const env = inject("surroundings");
const out = fileURLToPath(new URL("./out", import.meta.url));
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface FaceOptions {
  lang?: "en" | "ja";
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  /** Which server: the demonstration (open), or the one with users. */
  on?: "demo" | "users";
  /** Another server, by its address. */
  base?: string;
  /** Sign in as this user of the server with users before anything else. */
  as?: "admin" | "analyst" | "viewer" | "fresh";
  /** What may stand in the console, besides nothing. */
  allow?: RegExp[];
}

/** Face is one browser window with what tests do in it. */
export class Face {
  /** Errors of the console, of scripts, and violations of the content security policy so far. */
  readonly errors: string[] = [];
  readonly base: string;
  readonly context: BrowserContext;
  readonly page: Page;
  private readonly allow: RegExp[];

  constructor(base: string, context: BrowserContext, page: Page, allow: RegExp[]) {
    this.base = base;
    this.context = context;
    this.page = page;
    this.allow = allow;
    page.on("console", (m) => m.type() === "error" && this.note(`${m.text()} ${m.location().url}`));
    page.on("pageerror", (e) => this.note(`script: ${e.message}`));
  }

  private note(text: string) {
    if (!this.allow.some((a) => a.test(text))) this.errors.push(text);
  }

  /** Opens an address and waits until nothing loads. */
  async go(path: string): Promise<void> {
    await this.page.goto(this.base + path);
    await this.settled();
  }

  /** Waits until the page has its heading and neither skeletons nor requests are left (streams aside). */
  async settled(): Promise<void> {
    await this.page.waitForSelector("h1", { state: "attached" });
    await this.page.waitForFunction(() => !document.querySelector("[aria-busy=true], [role=progressbar]"), undefined, {
      timeout: 30_000,
    });
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  /** Path and search of the address, decoded as a person reads it. */
  address(): string {
    const url = new URL(this.page.url());
    return url.pathname + decodeURIComponent(url.search);
  }

  /** Keeps a picture in e2e/out/<name>.png. Look at them. */
  async shot(name: string, options: { full?: boolean } = {}): Promise<void> {
    const path = join(out, `${name}.png`);
    mkdirSync(dirname(path), { recursive: true });
    await this.page.screenshot({ path, fullPage: options.full, animations: "disabled" });
  }

  /** Checks WCAG 2.2 A and AA of what is shown; `within` limits it to a part. */
  async accessible(within = "body"): Promise<void> {
    await this.page.evaluate(`window.axe ?? (() => { ${axeSource} })()`);
    const found = await this.page.evaluate(async (part) => {
      // biome-ignore lint/suspicious/noExplicitAny: put there by the line above
      const result = await (window as any).axe.run(part, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        resultTypes: ["violations"],
      });
      return result.violations.map(
        (v: { id: string; nodes: { target: string[]; any: { message: string }[] }[] }) =>
          `${v.id}: ${v.nodes
            .map((n) => `${n.target.join(" ")} ${n.any[0]?.message ?? ""}`)
            .slice(0, 4)
            .join(" | ")} (${v.nodes.length})`,
      );
    }, within);
    expect(found, `accessibility of ${this.address()}`).toEqual([]);
  }

  async signIn(name: string): Promise<void> {
    await this.page.fill("input[name=username]", name);
    await this.page.fill("input[name=password]", env.password);
    await this.page.press("input[name=password]", "Enter");
    await this.page.waitForURL((u) => u.pathname !== "/login");
    await this.settled();
  }

  /** The visible text of an element, white space folded. */
  async text(selector: string): Promise<string> {
    return ((await this.page.textContent(selector)) ?? "").replace(/\s+/g, " ").trim();
  }
}

let browser: Browser | undefined;

async function start(): Promise<Browser> {
  browser ??= await chromium.launch({
    executablePath: env.chromium,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  return browser;
}

afterAll(async () => {
  await browser?.close();
  browser = undefined;
});

/** test is Vitest's with `open`, and ends with the check that no window said an error. */
export const test = base.extend<{ open: (options?: FaceOptions) => Promise<Face> }>({
  open: async ({ task, skip }, use) => {
    if (env.missing) skip(env.missing);
    const faces: Face[] = [];
    await use(async (o = {}) => {
      const { lang = "en", theme = "light", width = 1280, height = width < 500 ? 844 : 800 } = o;
      const context = await (await start()).newContext({
        viewport: { width, height },
        locale: lang === "ja" ? "ja-JP" : "en-US",
        timezoneId: "Asia/Tokyo",
        reducedMotion: "reduce",
        permissions: ["clipboard-read", "clipboard-write"],
      });
      await context.addInitScript(
        ([t, l]) => {
          if (!localStorage.getItem("yagura.theme")) localStorage.setItem("yagura.theme", t!);
          if (!localStorage.getItem("yagura.lang")) localStorage.setItem("yagura.lang", l!);
          document.addEventListener("securitypolicyviolation", (e) =>
            console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`),
          );
        },
        [theme, lang],
      );
      const on = o.on ?? (o.as ? "users" : "demo");
      // Without a session GET /me says so with 401; a browser writes that into the console.
      const allow = [...(o.allow ?? []), ...(on === "users" ? [/401 \(Unauthorized\).*\/api\/v1\/me/] : [])];
      const face = new Face(o.base ?? (on === "users" ? env.users : env.demo), context, await context.newPage(), allow);
      faces.push(face);
      if (o.as) {
        await face.go("/login");
        await face.signIn(o.as);
      }
      return face;
    });
    for (const face of faces) {
      const path = face.page.isClosed() ? "" : face.address();
      if (task.result?.state === "fail" && path) await face.shot(`failed/${task.name.replace(/\W+/g, "-")}`);
      await face.context.close();
    }
    expect(
      faces.flatMap((f) => f.errors),
      "errors in the console",
    ).toEqual([]);
  },
});

export { expect };

/** Both themes and both languages, as `test.each(looks)("… in %s %s", async (theme, lang) => …)` wants them. */
export const looks = [
  ["light", "en"],
  ["dark", "ja"],
] as const;
