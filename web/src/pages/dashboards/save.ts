import type { Cell } from "@/api";
import { columnTitle, type PanelAnswer } from "@/charts/model";
import { download, downloadCsv } from "@/ui";

/** panelCsv gives the rows of a panel, or its events, as they are. */
export function panelCsv(
  name: string,
  a: PanelAnswer,
  titleOf: (field: string) => string | undefined,
  columns?: string[],
): void {
  if (a.events) {
    const names = columns?.length ? columns : [...new Set(a.events.flatMap((e) => Object.keys(e.fields)))].sort();
    downloadCsv(
      `${name}.csv`,
      names,
      a.events.map((e) => names.map((n) => (n === "@timestamp" || n === "@time" ? e.time : e.fields[n]))),
    );
    return;
  }
  const d = a.data;
  if (!d) return;
  downloadCsv(
    `${name}.csv`,
    d.columns.map((c) => (c.role === "key" && c.field && !c.time && !c.part ? c.field : columnTitle(c, titleOf))),
    d.rows as Cell[][],
  );
}

/** inlineStyles copies an element with the styles it has on the page; canvases become pictures. */
function copy(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  let text = "";
  for (const name of style) text += `${name}:${style.getPropertyValue(name)};`;
  to.setAttribute("style", text);
  for (const name of ["class", "id", "data-tip"]) to.removeAttribute(name);
  const a = [...from.children];
  const b = [...to.children];
  a.forEach((x, i) => {
    const y = b[i]!;
    if (x instanceof HTMLCanvasElement) {
      const img = document.createElementNS("http://www.w3.org/1999/xhtml", "img");
      img.setAttribute("src", x.toDataURL());
      img.setAttribute("style", `position:absolute;left:0;top:0;width:${x.clientWidth}px;height:${x.clientHeight}px`);
      y.replaceWith(img);
    } else copy(x, y);
  });
}

/** panelPng draws an element as it is shown into a picture, twice as fine. Nothing is loaded from anywhere. */
export async function panelPng(name: string, el: HTMLElement): Promise<void> {
  const { width, height } = el.getBoundingClientRect();
  const clone = el.cloneNode(true) as HTMLElement;
  copy(el, clone);
  for (const x of clone.querySelectorAll("[data-no-picture]")) x.remove();
  clone.style.margin = "0";
  clone.setAttribute("xmlns", "http://www.w3.org/1999/xhtml");
  const inner = new XMLSerializer().serializeToString(clone);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><foreignObject width="100%" height="100%">${inner}</foreignObject></svg>`;
  const img = new Image();
  img.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await img.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * 2);
  canvas.height = Math.round(height * 2);
  const c = canvas.getContext("2d")!;
  c.scale(2, 2);
  c.drawImage(img, 0, 0);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (blob) download(`${name}.png`, blob);
}
