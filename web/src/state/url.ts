/**
 * The readable address: `?q=…&from=now-24h&f=source.geo.country_iso_code:CN&f=-event.module:vpcflow`.
 * A search is a list of texts a name; values are never JSON. Order is as set, so an address is stable.
 */
export type Search = Record<string, string[]>;

const escapes = /[%&+#=<>"\\^`{|}\p{Cc}\u2028\u2029]/gu;

function quote(text: string): string {
  const safe = text.isWellFormed() ? text : text.toWellFormed();
  return safe.replace(escapes, (c) => encodeURIComponent(c)).replaceAll(" ", "+");
}

function unquote(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

export function parseSearch(text: string): Search {
  const out: Search = {};
  for (const pair of text.replace(/^\?/, "").split("&")) {
    if (pair === "") continue;
    const cut = pair.indexOf("=");
    const name = unquote(cut < 0 ? pair : pair.slice(0, cut));
    const value = cut < 0 ? "" : unquote(pair.slice(cut + 1));
    if (name === "__proto__") continue;
    if (!out[name]) out[name] = [];
    out[name].push(value);
  }
  return out;
}

/** stringifySearch gives "" or "?…". Names without values are left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null) continue;
    for (const v of Array.isArray(value) ? value : [value]) pairs.push(`${quote(name)}=${quote(String(v))}`);
  }
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}

/** href builds an address of a page: `href("/explore", { q: "…", f: ["a:b"] })`. Undefined and "" are left out. */
export function href(path: string, search: Record<string, string | string[] | number | undefined> = {}): string {
  const kept = Object.fromEntries(Object.entries(search).filter(([, v]) => v !== undefined && v !== ""));
  return path + stringifySearch(kept);
}
