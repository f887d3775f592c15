import type { components } from "@/api/schema";

type S = components["schemas"];
type One = { path: { id: string }; body: S["AlertActBody"]; answer: S["Alert"] };

export type Alert = S["Alert"];
export type AlertDetail = S["AlertDetail"];
export type AlertList = S["AlertList"];
export type Evidence = S["AlertEvidence"];
export type LogEntry = S["AlertLogEntry"];
export type Action = S["AlertsActBody"]["action"];
export type Reason = NonNullable<S["AlertActBody"]["reason"]>;

/** What a person says of a closed alert; the words of the page are in alerts:reason. */
export const reasons: Reason[] = ["resolved", "false_positive", "expected", "duplicate", "wont_fix"];

declare module "@/api/endpoints" {
  interface Endpoints {
    "POST /alerts/act": { body: S["AlertsActBody"]; answer: S["AlertsActed"] };
    "POST /alerts/{id}/acknowledge": One;
    "POST /alerts/{id}/close": One;
    "POST /alerts/{id}/reopen": One;
    "POST /alerts/{id}/assign": One;
    "POST /alerts/{id}/comment": One;
  }
}
