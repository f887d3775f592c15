/** What a test of a rule says, taken apart: the server writes `url.path contains "/login"`. */
export interface TestWords {
  /** "" = any value of the event. */
  field: string;
  op: Op;
  /** Upper and lower case matter. */
  exactly: boolean;
  value?: string;
}

export const ops = {
  is: "is",
  "starts with": "starts",
  "ends with": "ends",
  contains: "contains",
  "is like": "like",
  matches: "matches",
  "is in": "in",
  "is present": "present",
  "is absent": "absent",
  "is the same as": "same",
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
} as const;
export type Op = (typeof ops)[keyof typeof ops];

const pattern =
  /^(.+?) (is present|is absent|is the same as|is like|is in|is|starts with|ends with|contains|matches|<=|<|>=|>)( exactly)?(?: (.*))?$/s;

/** testWords takes a test apart; undefined when it is written in a way this page does not know. */
export function testWords(text: string): TestWords | undefined {
  const m = pattern.exec(text);
  if (!m) return undefined;
  return {
    field: m[1] === "any value" ? "" : m[1]!,
    op: ops[m[2] as keyof typeof ops],
    exactly: m[3] !== undefined,
    value: m[4] === undefined ? undefined : unquoted(m[4]),
  };
}

function unquoted(text: string): string {
  if (!/^".*"$/s.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(1, -1);
  }
}

/** eventIdOf reads the id of an event from what was pasted: the id, or an address of Explore with an open event. */
export function eventIdOf(text: string): string {
  const t = text.trim();
  const open = /[?&]open=([^&#\s]+)/.exec(t);
  return open ? decodeURIComponent(open[1]!) : t;
}

/** newRule is the text a new rule starts from. */
export function newRule(today: string): string {
  return `title: New rule
id: ${uuid()}
status: experimental
description: Say what it means when this happens.
author: you
date: ${today}
level: medium
logsource:
  product: aws
  service: waf
detection:
  selection:
    event.action: BLOCK
    url.path|startswith: /admin
  condition: selection
falsepositives:
  - Say what else it could be
yagura:
  group_by: [source.ip]
  tests:
    - name: it is found
      event: {event.action: BLOCK, url.path: /admin/login, source.ip: 203.0.113.9}
      match: true
    - name: other paths are not
      event: {event.action: BLOCK, url.path: /shop, source.ip: 203.0.113.9}
      match: false
`;
}

function uuid(): string {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 0x0f) | 0x40;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
