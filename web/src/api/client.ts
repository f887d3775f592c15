import type { Answer, Input, Key } from "./endpoints";
import { Problem } from "./problem";

export const base = "/api/v1";

let csrf = "";

/** setCsrf keeps the token that /me gave; every state-changing request carries it. */
export function setCsrf(token: string | undefined): void {
  csrf = token || "1";
}

/** Called once when the server says that nobody is signed in. The shell sets it. */
export const onUnauthorized: { call: () => void } = { call: () => {} };

let asking: Promise<unknown> | undefined;

/** A change may be sent before anything asked who we are (a live stream that opens first): then ask. */
async function needCsrf(): Promise<void> {
  asking ??= api("GET /me")
    .then((me) => setCsrf(me.csrf))
    .catch(() => {})
    .finally(() => {
      asking = undefined;
    });
  await asking;
}

interface Loose {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** Extra headers, for example If-Match. */
  headers?: Record<string, string>;
}

/** url builds the address of an endpoint: path parameters are escaped, absent query parameters left out. */
export function url(key: string, input: Loose = {}): string {
  const template = key.slice(key.indexOf(" ") + 1);
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(input.path?.[name] ?? ""));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null && value !== "") query.append(name, String(value));
  }
  const text = query.toString();
  return base + path + (text ? `?${text}` : "");
}

async function send(key: string, input: Loose, options: CallOptions, accept: string): Promise<Response> {
  const method = key.slice(0, key.indexOf(" "));
  const headers: Record<string, string> = { Accept: accept, ...options.headers };
  if (input.body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && key !== "POST /login" && csrf === "") await needCsrf();
  if (method !== "GET") headers["X-Yagura-Csrf"] = csrf;
  let response: Response;
  try {
    response = await fetch(url(key, input), {
      method,
      headers,
      body: input.body === undefined ? undefined : JSON.stringify(input.body),
      credentials: "same-origin",
      signal: options.signal,
    });
  } catch (e) {
    if (options.signal?.aborted) throw e;
    throw new Problem(0, { title: "offline" });
  }
  if (response.ok) return response;
  const retry = Number(response.headers.get("Retry-After")) || undefined;
  const body = await response.json().catch(() => ({ title: response.statusText }));
  if (response.status === 401 && key !== "POST /login" && key !== "GET /me") onUnauthorized.call();
  throw new Problem(response.status, body as Record<string, unknown>, retry);
}

/**
 * api calls one endpoint: `await api("POST /query", { body: {…} }, { signal })`.
 * It throws Problem, or the abort error when the signal fired. In components prefer useApi and useAction.
 */
export async function api<K extends Key>(key: K, input?: Input<K>, options: CallOptions = {}): Promise<Answer<K>> {
  if (import.meta.env.DEV) {
    const { fixture } = await import("@/fixtures");
    const made = fixture(key, (input ?? {}) as Loose);
    if (made) return (await made) as Answer<K>;
  }
  const response = await send(key, (input ?? {}) as Loose, options, "application/json");
  if (response.status === 204 || response.headers.get("Content-Length") === "0") return undefined as Answer<K>;
  const body: unknown = await response.json();
  const etag = response.headers.get("ETag");
  if (etag && body !== null && typeof body === "object" && !("etag" in body)) Object.assign(body, { etag });
  return body as Answer<K>;
}

/** apiFile posts and collects the answer as a file; `onBytes` hears how much has come. Abort ends the work on the server too. */
export async function apiFile(
  key: string,
  input: { body?: unknown },
  onBytes: (bytes: number) => void,
  options: CallOptions = {},
): Promise<{ name?: string; content: Blob }> {
  const response = await send(key, input, options, "*/*");
  const reader = response.body!.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    bytes += value.length;
    onBytes(bytes);
  }
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  return { name, content: new Blob(parts, { type: response.headers.get("Content-Type") ?? "" }) };
}

export interface ServerEvent {
  event: string;
  id?: string;
  data: unknown;
}

/** apiStream posts and reads the answer as server-sent events, each as it comes. Resolves at the end. */
export async function apiStream(
  key: string,
  input: Loose,
  onEvent: (e: ServerEvent) => void,
  options: CallOptions = {},
): Promise<void> {
  const response = await send(key, input, options, "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += value ?? "";
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = done ? "" : blocks.pop()!;
    for (const block of blocks) {
      const e = readEvent(block);
      if (e) onEvent(e);
    }
    if (done) return;
  }
}

/** readEvent reads one block of an event stream; undefined for comments and heartbeats. */
export function readEvent(block: string): ServerEvent | undefined {
  let event = "message";
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const cut = line.indexOf(":");
    if (cut === 0) continue;
    const name = cut < 0 ? line : line.slice(0, cut);
    const value = cut < 0 ? "" : line.slice(cut + 1).replace(/^ /, "");
    if (name === "event") event = value;
    else if (name === "id") id = value;
    else if (name === "data") data.push(value);
  }
  if (data.length === 0) return undefined;
  return { event, id, data: JSON.parse(data.join("\n")) };
}
