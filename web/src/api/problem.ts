/** An answer that is no answer: what the server said went wrong (RFC 9457), or that it could not be reached. */
export class Problem extends Error {
  override name = "Problem";
  /** HTTP status; 0 when the server could not be reached. */
  status: number;
  type: string;
  title: string;
  detail: string;
  requestId?: string;
  hint?: string;
  /** Where in the query text the error stands, in UTF-16 units of the sent text. */
  position?: { offset: number; line: number; column: number; length: number };
  errors: { location?: string; message: string; value?: unknown }[];
  /** Seconds to wait before trying again (429, 503). */
  retryAfter?: number;

  constructor(status: number, body: Record<string, unknown> = {}, retryAfter?: number) {
    const title = String(body.title ?? "");
    const detail = String(body.detail ?? "");
    super(detail || title || `HTTP ${status}`);
    this.status = status;
    this.type = String(body.type ?? "about:blank");
    this.title = title;
    this.detail = detail;
    this.requestId = body.request_id as string | undefined;
    this.hint = body.hint as string | undefined;
    this.position = body.position as Problem["position"];
    this.errors = Array.isArray(body.errors) ? (body.errors as Problem["errors"]) : [];
    this.retryAfter = retryAfter;
  }

  /** The server did not answer at all: it is restarting, or the network is down. */
  get offline(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 504;
  }
}

/** problemOf makes a Problem of anything thrown. */
export function problemOf(e: unknown): Problem {
  return e instanceof Problem ? e : new Problem(-1, { title: String((e as Error)?.message ?? e) });
}
