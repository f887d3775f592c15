/** Every text of one language, one file an area, as one chunk. */
const files = import.meta.glob<Record<string, unknown>>("./en/*.json", { import: "default", eager: true });

export const texts = Object.entries(files).map(
  ([path, content]) => [path.slice(path.lastIndexOf("/") + 1, -".json".length), content] as const,
);
