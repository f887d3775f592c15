import { language } from "@/i18n";

/** guard keeps a spreadsheet from running a cell as a formula. */
export function guard(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = guard(Array.isArray(value) ? value.join(", ") : String(value));
  return /["\r\n,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** csv writes rows with CRLF; texts that a spreadsheet would run are guarded. */
export function csv(header: string[], rows: unknown[][]): string {
  return [header, ...rows].map((r) => `${r.map(csvCell).join(",")}\r\n`).join("");
}

/** download gives a file to the browser. */
export function download(name: string, content: Blob | string, type = "text/plain"): void {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const a = document.createElement("a");
  a.href = URL.createObjectURL(blob);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
}

/** downloadCsv: with a byte order mark when the page is Japanese (Excel reads it as Shift_JIS otherwise), or as `bom` says. */
export function downloadCsv(name: string, header: string[], rows: unknown[][], bom = language() === "ja"): void {
  download(name, (bom ? "\ufeff" : "") + csv(header, rows), "text/csv;charset=utf-8");
}
