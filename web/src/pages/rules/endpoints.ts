import type { components } from "@/api/schema";
import type { YEvent } from "@/api/types";

type S = components["schemas"];

export type RuleCard = S["RuleCard"];
export type RuleDetail = S["RuleDetail"];
export type RuleProblem = S["RuleProblem"];
export type RuleTest = S["RuleTest"];
export type RuleCheck = S["RuleCheck"];
export type RuleSaved = S["RuleSaved"];
export type ConditionPart = S["ConditionPart"];
export type ExplainedNode = S["ExplainedNode"];
export type Explanation = S["Explanation"];

declare module "@/api/endpoints" {
  interface Endpoints {
    "GET /rules": { answer: S["RuleList"] };
    "GET /rules/{id}": { path: { id: string }; answer: RuleDetail };
    "PUT /rules/{id}": { path: { id: string }; body: S["RuleText"]; answer: RuleSaved };
    "POST /rules/check": { body: S["RuleText"]; answer: RuleCheck };
    "POST /rules/explain": { body: S["RuleExplainBody"]; answer: S["RuleExplanation"] };
    "GET /rules/{id}/findings": {
      path: { id: string };
      query: { from?: string; to?: string; zone?: string; cursor?: string; limit?: number };
      answer: { items: YEvent[]; next?: string; where: string };
    };
  }
}
