import type { components } from "@/api/schema";
import type { List } from "@/api/types";

type S = components["schemas"];
export type Intake = S["Intake"];
export type IntakeSource = S["IntakeSource"];
export type IntakeObject = S["IntakeObject"];
export type QuarantineGroup = S["QuarantineGroup"];
export type QuarantineItem = S["QuarantineItem"];
export type QuarantineDetail = S["QuarantineDetail"];
export type Storage = S["Storage"];
export type StorageDay = S["StorageDay"];

declare module "@/api/endpoints" {
  interface Endpoints {
    "GET /intake": { answer: Intake };
    "GET /intake/objects": {
      query: { source?: string; state?: string; key?: string; cursor?: string; limit?: number };
      answer: List<IntakeObject>;
    };
    "POST /intake/objects/{id}/retry": { path: { id: string }; answer: undefined };
    "GET /intake/quarantine": { answer: S["QuarantineGroups"] };
    "GET /intake/quarantine/records": {
      query: {
        type?: string;
        unrecognized?: boolean;
        reason?: string;
        source?: string;
        cursor?: string;
        limit?: number;
      };
      answer: List<QuarantineItem>;
    };
    "GET /intake/quarantine/{id}": { path: { id: string }; answer: QuarantineDetail };
    "POST /intake/quarantine/replay": {
      body: { type?: string; reason?: string; id?: number };
      answer: S["JobStarted"];
    };
    "GET /intake/storage": { answer: Storage };
  }
}
