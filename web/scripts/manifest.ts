import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Plugin } from "vite";

/** What the build is made of: folders below web/ taken whole, and single files. The Go test reads the same list. */
const folders = ["src", "public", "scripts"];
const files = ["index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"];

function walk(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)],
  );
}

/** sources gives "sha256  path" lines, sorted by path, of every file the build is made of. */
export function sources(root: string): string {
  const all = [...folders.flatMap((f) => walk(join(root, f))), ...files.map((f) => join(root, f))];
  return all
    .map((f) => relative(root, f).split(sep).join("/"))
    .filter((f) => !/(^|\/)\.|\.test\.tsx?$|^src\/fixtures\//.test(f))
    .sort((a, b) => (a < b ? -1 : 1))
    .map(
      (f) =>
        `${createHash("sha256")
          .update(readFileSync(join(root, f)))
          .digest("hex")}  ${f}\n`,
    )
    .join("");
}

/** manifest writes dist/sources.sha256, by which a test without Node proves that dist was built from the sources beside it. */
export function manifest(): Plugin {
  let root = "";
  let out = "";
  return {
    name: "yagura-manifest",
    apply: "build",
    configResolved(config) {
      root = config.root;
      out = join(config.root, config.build.outDir);
    },
    closeBundle() {
      writeFileSync(join(out, "sources.sha256"), sources(root));
    },
  };
}
