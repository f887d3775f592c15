import { commas, list, oneOf, text } from "@/state";

/** open = new and acknowledged: what still waits for somebody. */
export const statuses = ["open", "new", "acknowledged", "closed", "all"] as const;
export type StatusChoice = (typeof statuses)[number];
export const sorts = ["last_seen", "created", "severity", "findings"] as const;

/** What stands in the address of the list. */
export const spec = {
  status: oneOf(statuses, "open"),
  severity: commas(),
  rule: list(),
  group: text(""),
  q: text(""),
  sort: oneOf(sorts, "last_seen"),
};

/** statusQuery is the choice as the API reads it. */
export function statusQuery(choice: StatusChoice): string | undefined {
  if (choice === "all") return undefined;
  return choice === "open" ? "new,acknowledged" : choice;
}
