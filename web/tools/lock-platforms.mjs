// Adds to package-lock.json the packages for other platforms that the registry in use did not list (a mirror may hold only its own platform), so that
// npm ci works everywhere. Run it after npm install: node tools/lock-platforms.mjs package-lock.json
import { readFileSync, writeFileSync } from "node:fs";

const file = process.argv[2];
const lock = JSON.parse(readFileSync(file, "utf8"));
const p = lock.packages;
const missing = new Map();
for (const [at, x] of Object.entries(p))
  for (const [n, v] of Object.entries(x.optionalDependencies ?? {})) {
    if (!p[`node_modules/${n}`] && !p[`${at}/node_modules/${n}`]) missing.set(n, [v, x.dev]);
  }
for (const [n, [v, dev]] of missing) {
  const os = /android|darwin|freebsd|linux|win32|openharmony|netbsd|openbsd|sunos|aix/.exec(n)?.[0];
  const cpu = /arm64|x64|ia32|riscv64|ppc64|s390x|loong64|wasm32|arm(?!64)|mips64el/.exec(n)?.[0];
  if (!os && !cpu) {
    console.log("unknown", n, v);
    continue;
  }
  const libc = /musl/.test(n) ? ["musl"] : /gnu/.test(n) ? ["glibc"] : undefined;
  p[`node_modules/${n}`] = {
    version: v,
    cpu: cpu ? [cpu] : undefined,
    dev,
    libc,
    optional: true,
    os: os ? [os] : undefined,
  };
  console.log("added", n, v, os, cpu, libc ?? "");
}
lock.packages = Object.fromEntries(Object.entries(p).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
