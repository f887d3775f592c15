import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

/** A server of a test's own: with users, logs that arrive while one looks, files of the user, restarts on the same address. */
export class Own {
  readonly work = mkdtempSync(join(tmpdir(), "yagura-own-"));
  readonly data = join(this.work, "data");
  base = "";
  private readonly env = inject("surroundings");
  private child?: ChildProcess;
  private port = 0;
  private made = 0;

  addUsers(...roles: ("admin" | "analyst" | "viewer")[]): void {
    mkdirSync(this.data, { recursive: true });
    for (const role of roles)
      execFileSync(this.env.binary, ["--data", this.data, "users", "add", role, "--role", role, "--password-stdin"], {
        input: `${this.env.password}\n`,
      });
  }

  async start(): Promise<void> {
    this.port ||= await freePort();
    this.base = `http://127.0.0.1:${this.port}`;
    const ui = process.env.YAGURA_UI_DIR ?? fileURLToPath(new URL("../dist", import.meta.url));
    const child = spawn(this.env.binary, ["serve", "--data", this.data, "--ui-dir", ui], {
      env: { ...process.env, YAGURA_LISTEN: `127.0.0.1:${this.port}` },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      let said = "";
      child.stderr!.on("data", (c) => {
        said += c;
        if (/web page on/.test(said)) resolve();
      });
      child.on("exit", (code) => reject(new Error(`yagura serve ended (${code}): ${said}`)));
    });
  }

  async stop(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    await new Promise((done) => {
      child.once("exit", done);
      child.kill("SIGTERM");
    });
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.work, { recursive: true, force: true });
  }

  /** Puts a file into the folder of the user's rules; it is read at the next start. */
  writeRule(name: string, text: string): void {
    const folder = join(this.data, "content", "rules", "custom");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), text);
  }

  /** Puts WAF records into the inbox, whole at once. */
  drop(requests: { ip: string; agent?: string; uri?: string }[]): void {
    const lines = requests.map((r) =>
      JSON.stringify({
        timestamp: Date.now() - 1000,
        formatVersion: 1,
        webaclId: "arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/test/0000",
        terminatingRuleId: "Default_Action",
        terminatingRuleType: "REGULAR",
        action: "ALLOW",
        httpSourceName: "ALB",
        httpSourceId: "111122223333-app/test/0000",
        ruleGroupList: [],
        rateBasedRuleList: [],
        nonTerminatingMatchingRules: [],
        httpRequest: {
          clientIp: r.ip,
          country: "NL",
          headers: [
            { name: "Host", value: "shop.example.jp" },
            { name: "User-Agent", value: r.agent ?? "Mozilla/5.0" },
          ],
          uri: r.uri ?? "/",
          args: "",
          httpVersion: "HTTP/1.1",
          httpMethod: "GET",
          requestId: `r${++this.made}`,
        },
        labels: [],
      }),
    );
    const inbox = join(this.data, "inbox");
    mkdirSync(inbox, { recursive: true });
    const name = `aws-waf-logs-test-${++this.made}.json`;
    writeFileSync(join(this.work, name), `${lines.join("\n")}\n`);
    renameSync(join(this.work, name), join(inbox, name));
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const s = createServer().listen(0, "127.0.0.1", () => {
      const at = s.address() as { port: number };
      s.close(() => resolve(at.port));
    });
  });
}
