/** yamlText writes a value as YAML that the server reads: JSON-quoted texts where needed, short maps on one line. For showing only; files are written by the server. */
export function yamlText(value: unknown, indent = 0): string {
  const pad = "  ".repeat(indent);
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    if (value.every((v) => typeof v !== "object")) return `[${value.map(scalar).join(", ")}]`;
    return `\n${value.map((v) => `${pad}- ${yamlText(v, indent + 1).trimStart()}`).join("\n")}`;
  }
  if (value && typeof value === "object") {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    if (entries.length === 0) return "{}";
    const flat = `{${entries.map(([k, v]) => `${k}: ${Array.isArray(v) ? yamlText(v) : scalar(v)}`).join(", ")}}`;
    if (indent > 0 && entries.every(([, v]) => typeof v !== "object" || Array.isArray(v)) && flat.length < 100)
      return flat;
    return `\n${entries
      .map(([k, v]) => {
        const text = yamlText(v, indent + 1);
        return `${pad}${k}:${text.startsWith("\n") ? text : ` ${text}`}`;
      })
      .join("\n")}`;
  }
  return scalar(value);
}

/** panelYaml is one panel as an item of `panels`. */
export function panelYaml(panel: object): string {
  return `- ${yamlText(panel, 1).trimStart()}`;
}

function scalar(v: unknown): string {
  if (typeof v !== "string") return JSON.stringify(v);
  const plain =
    /^[\p{L}_@/][\p{L}\p{N} _./()+-]*$/u.test(v) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(v) && !/\s$/.test(v);
  return plain ? v : JSON.stringify(v);
}
