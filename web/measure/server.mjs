import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** Server is the real program over a data folder, on a free port of this machine. */
export class Server {
  /** Starts it and waits until it says where its page is. */
  static async start(binary, data) {
    const s = new Server();
    s.child = spawn(binary, ["serve", "--data", data], {
      env: { ...process.env, YAGURA_LISTEN: "127.0.0.1:0" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    s.base = await new Promise((resolve, reject) => {
      let said = "";
      s.child.stderr.on("data", (chunk) => {
        said = (said + chunk).slice(-4000);
        const at = /web page on (http\S+?)[\s)]/.exec(said);
        if (at) resolve(at[1].replace(/\/$/, ""));
      });
      s.child.on("exit", (code) => reject(new Error(`yagura serve ended (${code}): ${said}`)));
    });
    return s;
  }

  async stop() {
    if (this.child.exitCode !== null) return;
    const gone = new Promise((done) => this.child.on("exit", done));
    this.child.kill("SIGTERM");
    await gone;
  }

  /** Processor time so far, in ms. */
  cpu() {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, "utf8");
    const f = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(f[11]) + Number(f[12])) * 10;
  }

  /** The most memory it has had, in MB. */
  peak() {
    const m = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.child.pid}/status`, "utf8"));
    return m ? Math.round(Number(m[1]) / 1024) : undefined;
  }

  /** Asks for a whole dashboard and gives wall and processor time and what the answer says it took. */
  async board(id, range) {
    const began = performance.now();
    const used = this.cpu();
    const res = await fetch(`${this.base}/api/v1/dashboards/run`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id, ...range, choices: true }),
      signal: AbortSignal.timeout(120_000),
    });
    if (!res.ok) throw new Error(`dashboard ${id}: ${res.status} ${await res.text()}`);
    const answer = await res.json();
    const failed = Object.entries(answer.panels).filter(([, p]) => p.error);
    if (failed.length > 0) throw new Error(`dashboard ${id}: panel ${failed[0][0]}: ${failed[0][1].error.message}`);
    return { ms: performance.now() - began, cpu: this.cpu() - used, stats: answer.stats };
  }

  /** How many questions the store's scan has left to the slower engine since the start. */
  async leftToEngine() {
    const text = await (await fetch(`${this.base}/metrics`)).text();
    const out = {};
    for (const m of text.matchAll(/^yagura_questions_left_to_engine_total\{why="(\w+)"\} (\d+)/gm))
      out[m[1]] = Number(m[2]);
    return out;
  }
}
