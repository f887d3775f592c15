import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

/**
 * What the browser tests run against: the real binary with the demonstration's data (open to this machine), and one with users and no data.
 *   CHROMIUM=/path           another browser
 *   YAGURA_E2E_URL=http://…  a server that already runs instead of the first (quick while writing a page)
 *   YAGURA_E2E_BINARY=…      a binary that is built already; it serves web/dist as it stands
 *   YAGURA_E2E_KEEP=1        keep the demonstration's data in .cache/e2e between runs
 */
export interface Surroundings {
  /** Why nothing can be tested here; "" when it can. */
  missing: string;
  chromium: string;
  /** The server with the demonstration's data. */
  demo: string;
  /** The server with users: admin, analyst and viewer, all with the same password; "fresh" must change it. */
  users: string;
  password: string;
  /** The program, for tests that start a server of their own. */
  binary: string;
}

declare module "vitest" {
  interface ProvidedContext {
    surroundings: Surroundings;
  }
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const password = "correct horse battery staple";
const started: ChildProcess[] = [];

function browser(): string | undefined {
  const names = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  return names.find((n) => n && existsSync(n));
}

/** serve starts a server on a free port and gives its address once it answers. */
function serve(binary: string, args: string[]): Promise<string> {
  const child = spawn(binary, ["serve", ...args], {
    env: { ...process.env, YAGURA_LISTEN: "127.0.0.1:0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  started.push(child);
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr!.on("data", (chunk) => {
      said += chunk;
      const at = /web page on (http\S+?)[\s)]/.exec(said);
      if (at) resolve(at[1]!.replace(/\/$/, ""));
    });
    child.on("exit", (code) => reject(new Error(`yagura serve ended (${code}): ${said}`)));
  });
}

function addUser(binary: string, data: string, name: string, role: string, ...more: string[]) {
  execFileSync(binary, ["--data", data, "users", "add", name, "--role", role, "--password-stdin", ...more], {
    input: `${password}\n`,
  });
}

export default async function setup(project: TestProject) {
  const chromium = browser();
  const none = (missing: string) => {
    if (process.env.CI === "true") throw new Error(missing);
    project.provide("surroundings", { missing, chromium: "", demo: "", users: "", password, binary: "" });
  };
  if (!chromium) return none("no Chromium here: apt-get install chromium, or set CHROMIUM");

  const work = mkdtempSync(join(tmpdir(), "yagura-e2e-"));
  const end = () => {
    for (const child of started) child.kill("SIGTERM");
    rmSync(work, { recursive: true, force: true });
  };
  try {
    const binary = process.env.YAGURA_E2E_BINARY ?? join(work, "yagura");
    const ui = process.env.YAGURA_E2E_BINARY ? ["--ui-dir", join(root, "web/dist")] : [];
    if (ui.length === 0) execFileSync("go", ["build", "-o", binary, "./cmd/yagura"], { cwd: root, stdio: "inherit" });

    const data = join(work, "users");
    mkdirSync(data);
    addUser(binary, data, "admin", "admin");
    addUser(binary, data, "analyst", "analyst");
    addUser(binary, data, "viewer", "viewer");
    addUser(binary, data, "fresh", "viewer", "--must-change");
    const users = await serve(binary, ["--data", data, ...ui]);

    let demo = process.env.YAGURA_E2E_URL ?? "";
    if (!demo) {
      const kept = process.env.YAGURA_E2E_KEEP ? join(root, ".cache/e2e/demo") : join(work, "demo");
      if (!existsSync(join(kept, "whole"))) {
        execFileSync(binary, ["demo", "--dir", kept, "--no-serve"], { stdio: "ignore" });
        writeFileSync(join(kept, "whole"), "");
      }
      demo = await serve(binary, ["-c", join(kept, "yagura.yaml"), ...ui]);
    }
    rmSync(fileURLToPath(new URL("./out", import.meta.url)), { recursive: true, force: true });
    project.provide("surroundings", { missing: "", chromium, demo, users, password, binary });
  } catch (e) {
    end();
    throw e;
  }
  return end;
}
