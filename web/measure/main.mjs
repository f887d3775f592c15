// Measures the bars of the web page against the real binary: figures as JSON on the standard output, a table on the error output.
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { board, browser, firstPaint, scrolling, typing } from "./page.mjs";
import { Server } from "./server.mjs";

const { values: args } = parseArgs({
  options: {
    binary: { type: "string" },
    dir: { type: "string" },
    day: { type: "string" },
    people: { type: "string", default: "20" },
    limit: { type: "string", default: "330" },
  },
});
const started = performance.now();
const left = () => Number(args.limit) - (performance.now() - started) / 1000;
const people = Number(args.people);
const data = join(args.dir, "data");
const start = Date.parse(`${args.day}T00:00:00Z`);
const iso = (ms) => new Date(ms).toISOString().replace(".000Z", "Z");
const whole = { from: iso(start), to: iso(start + 86_400_000), zone: "UTC" };
let minutes = 0;
/** The day without its first minutes: other edges, so no answer is remembered, and all of the work again. */
const other = () => ({ ...whole, from: iso(start + ++minutes * 60_000) });
const round = (x) => (typeof x === "number" ? Math.round(x * 10) / 10 : x);
const rounded = (o) =>
  Object.fromEntries(
    Object.entries(o).map(([k, v]) => [k, v && typeof v === "object" && !Array.isArray(v) ? rounded(v) : round(v)]),
  );
const at = (list, p) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(p * list.length))];
const out = { at: new Date().toISOString(), cpus: cpus().length, load_before: round(loadavg()[0]), day: args.day };
const skipped = [];

/** Runs one measurement; one that fails or no longer fits in the time is named and spoils no other. */
async function measure(name, seconds, run) {
  if (left() < seconds) return void skipped.push(`${name}: no time left`);
  process.stderr.write(`… ${name}\n`);
  try {
    out[name] = rounded({ ...(await run()), load: loadavg()[0] });
  } catch (e) {
    skipped.push(`${name}: ${String(e.message).split("\n")[0]}`);
  }
}

const chrome = await browser();
let server = await Server.start(args.binary, data);
const again = async () => {
  await server.stop();
  server = await Server.start(args.binary, data);
};
try {
  await (await fetch(`${server.base}/healthz`)).text();
  await measure("board_cold", 20, () => board(chrome, server, "aws-waf", whole));
  await measure("board_remembered", 10, () => board(chrome, server, "aws-waf", whole));
  await measure("board_warm", 30, async () => {
    const rounds = [];
    for (let i = 0; i < 3 && left() > 20; i++) rounds.push(await board(chrome, server, "aws-waf", other()));
    return { ...rounds.sort((a, b) => a.settled_ms - b.settled_ms)[0], rounds: rounds.length };
  });
  await measure("board_api", 20, async () => {
    const r = await server.board("aws-waf", other());
    return {
      ms: r.ms,
      server_cpu_ms: r.cpu,
      questions: r.stats.questions,
      asked: r.stats.asked,
      cached: r.stats.cached,
    };
  });
  const range = `from=${whole.from}&to=${whole.to}&tz=UTC`;
  await measure("explore", 15, () => firstPaint(chrome, server.base, `/explore?${range}`));
  await measure("typing", 15, () =>
    typing(chrome, server.base, `/explore?${range}`, "user_agent.original:*zzq* or url.path:*qzz* or url.query:*zqz*"),
  );
  await measure("scroll", 40, () => scrolling(chrome, server.base, `/explore?${range}`));
  await measure("people", 60, async () => {
    const one = [];
    for (let i = 0; i < 3; i++) one.push((await server.board("aws-waf", other())).ms);
    const alone = at(one, 0.5);
    const shared = other();
    const used = server.cpu();
    const same = await Promise.all(Array.from({ length: people }, () => server.board("aws-waf", shared)));
    const cpu = server.cpu() - used;
    const ms = same.map((r) => r.ms);
    return {
      people,
      one_ms: alone,
      p50_ms: at(ms, 0.5),
      p95_ms: at(ms, 0.95),
      server_cpu_ms: cpu,
      p50_ratio: at(ms, 0.5) / alone,
      p95_ratio: at(ms, 0.95) / alone,
      bar_ratio: 2,
    };
  });
  await measure("people_apart", 90, async () => {
    const one = out.people?.one_ms ?? (await server.board("aws-waf", other())).ms;
    const all = await Promise.all(Array.from({ length: people }, () => server.board("aws-waf", other())));
    const ms = all.map((r) => r.ms);
    return {
      people,
      one_ms: one,
      p50_ms: at(ms, 0.5),
      p95_ms: at(ms, 0.95),
      p50_ratio: at(ms, 0.5) / one,
      p95_ratio: at(ms, 0.95) / one,
    };
  });
  for (const id of ["threat-hunting", "intake"]) {
    await measure(`board_${id.replace("-", "_")}`, 25, async () => {
      await server.board(id, other());
      const r = await server.board(id, other());
      return { ms: r.ms, server_cpu_ms: r.cpu, questions: r.stats.questions, asked: r.stats.asked };
    });
  }
  out.server = { peak_rss_mb: server.peak(), left_to_engine: await server.leftToEngine() };
  await measure("board_cold_again", 25, async () => {
    await again();
    return board(chrome, server, "aws-waf", whole);
  });
} finally {
  await chrome.close();
  await server.stop();
}
out.skipped = skipped;
out.seconds = Math.round((performance.now() - started) / 1000);
console.log(JSON.stringify(out, null, 2));

const rows = [
  ["Explore, first paint", out.explore?.first_paint_ms, "ms", 1000],
  ["Explore, transferred (gzip)", out.explore?.page_kb_gzip, "KB", 700],
  [
    "WAF dashboard, cold, all panels",
    Math.min(out.board_cold?.settled_ms ?? Infinity, out.board_cold_again?.settled_ms ?? Infinity),
    "ms",
    3000,
  ],
  ["WAF dashboard, warm, all panels", out.board_warm?.settled_ms, "ms", 1500],
  ["  of it the server's processor time", out.board_warm?.server_cpu_ms, "ms"],
  ["WAF dashboard, remembered answers", out.board_remembered?.settled_ms, "ms"],
  ["longest task while typing", out.typing?.longest_task_ms, "ms", 50],
  ["scroll jump in 10,000 rows, median", out.scroll?.median_ms, "ms", 60],
  [`${people} people, same dashboard, p95 to one`, out.people?.p95_ratio, "×", 2],
  [`${people} people, ranges of their own, p95 to one`, out.people_apart?.p95_ratio, "×"],
  ["questions of one refresh, different ones asked", out.board_api?.asked, `of ${out.board_api?.questions}`],
  ["server, most memory", out.server?.peak_rss_mb, "MB"],
];
process.stderr.write(
  `\nload ${out.load_before} on ${out.cpus} processors; cold = server restarted, the file pages stay in memory\n`,
);
for (const [what, value, unit, bar] of rows) {
  const known = Number.isFinite(value);
  const verdict = !bar || !known ? "" : value <= bar ? `(bar ${bar}: met)` : `(bar ${bar}: MISSED)`;
  process.stderr.write(`${what.padEnd(48)} ${(known ? String(round(value)) : "-").padStart(9)} ${unit} ${verdict}\n`);
}
for (const s of skipped) process.stderr.write(`not measured: ${s}\n`);
