/** A rule made of a search, on its way from Explore to the editor of rules (`/rules/new?draft=1`). It lives in this tab only. */
export interface RuleDraft {
  yaml: string;
  /** What of the search the rule does not say. */
  notes: string[];
}

const key = "yagura.rule.draft";

export function keepDraft(draft: RuleDraft): void {
  sessionStorage.setItem(key, JSON.stringify(draft));
}

/** readDraft gives the draft without removing it, so that a reload of the editor shows it again. */
export function readDraft(): RuleDraft | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}
