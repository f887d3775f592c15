import type { components } from "@/api/schema";

type S = components["schemas"];
export type EntityAnswer = S["Entity"];
export type FindingCard = S["FindingCard"];
export type Fact = S["Fact"];
export type TopGroup = S["Group"];

declare module "@/api/endpoints" {
  interface Endpoints {
    /** The value goes as ?value= (values have slashes); the path then carries "-". */
    "GET /entities/{kind}/{value}": {
      path: { kind: string; value: string };
      query: { value: string; from?: string; to?: string; zone?: string };
      answer: EntityAnswer;
    };
  }
}
