import { Fragment, type ReactNode } from "react";
import classes from "./charts.module.css";

/**
 * Markdown draws a small, safe part of it: headings, lists, paragraphs, rules, **strong**, *emphasis*, `code` and [links](https://…). Everything
 * is text to React; HTML stays the text it is, and a link goes only to http, https, or a page of this site.
 */
export function Markdown({ text }: { text: string }) {
  return <div className={classes.markdown}>{blocks(text.slice(0, 20_000).split(/\r?\n/))}</div>;
}

function blocks(lines: string[]): ReactNode[] {
  const out: ReactNode[] = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i]!;
    const head = /^(#{1,4})\s+(.*)$/.exec(line);
    const item = /^\s*(?:[-*+]|(\d{1,3})[.)])\s+/.exec(line);
    if (line.trim() === "") i++;
    else if (/^```/.test(line)) {
      const end = lines.findIndex((l, j) => j > i && /^```/.test(l));
      const last = end < 0 ? lines.length : end;
      out.push(<pre key={i}>{lines.slice(i + 1, last).join("\n")}</pre>);
      i = last + 1;
    } else if (head) {
      out.push(head[1]!.length < 3 ? <h3 key={i}>{inline(head[2]!)}</h3> : <h4 key={i}>{inline(head[2]!)}</h4>);
      i++;
    } else if (/^(-{3,}|\*{3,})\s*$/.test(line)) {
      out.push(<hr key={i} />);
      i++;
    } else if (item) {
      const start = i;
      const items: string[] = [];
      const marker = item[1] ? /^\s*\d{1,3}[.)]\s+/ : /^\s*[-*+]\s+/;
      while (i < lines.length && marker.test(lines[i]!)) items.push(lines[i++]!.replace(marker, ""));
      const inner = items.map((x, j) => <li key={j}>{inline(x)}</li>);
      out.push(item[1] ? <ol key={start}>{inner}</ol> : <ul key={start}>{inner}</ul>);
    } else {
      const start = i;
      while (
        i < lines.length &&
        lines[i]!.trim() !== "" &&
        !/^(#{1,4}\s|```|\s*[-*+]\s|\s*\d{1,3}[.)]\s)/.test(lines[i]!)
      )
        i++;
      if (i === start) i++;
      out.push(<p key={start}>{inline(lines.slice(start, i).join(" "))}</p>);
    }
  }
  return out;
}

const token = /(`[^`]{1,400}`)|\*\*([^*]{1,400})\*\*|\*([^*\s][^*]{0,400})\*|\[([^\]]{1,300})\]\(([^)\s]{1,2000})\)/g;

function inline(text: string): ReactNode[] {
  const out: ReactNode[] = [];
  let at = 0;
  for (const m of text.matchAll(token)) {
    if (m.index > at) out.push(text.slice(at, m.index));
    const key = m.index;
    if (m[1]) out.push(<code key={key}>{m[1].slice(1, -1)}</code>);
    else if (m[2]) out.push(<strong key={key}>{m[2]}</strong>);
    else if (m[3]) out.push(<em key={key}>{m[3]}</em>);
    else if (safe(m[5]!))
      out.push(
        <a key={key} href={m[5]} rel="noopener noreferrer" target={m[5]!.startsWith("/") ? undefined : "_blank"}>
          {m[4]}
        </a>,
      );
    else out.push(<Fragment key={key}>{m[0]}</Fragment>);
    at = m.index + m[0].length;
  }
  out.push(text.slice(at));
  return out;
}

/** safe says whether an address may be a link. */
export function safe(address: string): boolean {
  return /^https?:\/\//i.test(address) || /^\/(?!\/|\\)/.test(address);
}
