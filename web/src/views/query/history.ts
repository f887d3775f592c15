const key = "yagura.queries";
const most = 100;

/** readHistory gives the questions asked in this browser, newest first. */
export function readHistory(): string[] {
  try {
    const v: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(v) ? v.filter((x): x is string => typeof x === "string") : [];
  } catch {
    return [];
  }
}

/** remember puts a question at the head; the same one is kept once. Very long ones are not kept. */
export function remember(q: string): void {
  const text = q.trim();
  if (text === "" || text.length > 4000) return;
  const all = [text, ...readHistory().filter((x) => x !== text)].slice(0, most);
  try {
    localStorage.setItem(key, JSON.stringify(all));
  } catch {
    // Without storage there is no history.
  }
}
