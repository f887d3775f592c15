import type { CSSProperties, ReactNode } from "react";
import type { PanelDefinition } from "@/charts/model";
import type { Filters, Range } from "@/state";
import classes from "./Board.module.css";
import { PanelFrame } from "./PanelFrame";
import { sizeOf } from "./sizes";
import type { BoardStore } from "./useBoard";

export interface GridProps {
  board: string;
  panels: PanelDefinition[];
  store: BoardStore;
  range: Range;
  filters: Filters;
  titleOf: (field: string) => string | undefined;
  full: boolean;
  onFull: (id: string) => void;
  controls: (panel: PanelDefinition) => ReactNode;
  /** While editing: what stands in a panel's head and over its corner. */
  edit?: (panel: PanelDefinition, index: number) => { head: ReactNode; corner: ReactNode };
}

/** Grid lays panels out from left to right in twelve columns. Sizes are known before any answer, so nothing moves when answers come. */
export function Grid({ panels, full, controls, edit, ...rest }: GridProps) {
  // Choices at the top take the room they need; the grid begins below them.
  const lead =
    !edit && !full && panels[0]?.view === "controls" && (panels[0].size?.w ?? 12) === 12 ? panels[0] : undefined;
  return (
    <>
      {lead && (
        <div className={classes.lead} data-panel={lead.id}>
          {controls(lead)}
        </div>
      )}
      <div className={classes.grid} data-full={full || undefined} data-grid>
        {panels.map((p, i) => {
          if (p === lead) return null;
          const { w, h } = sizeOf(p);
          const made = edit?.(p, i);
          const style = {
            "--w": w,
            "--h": h,
            "--wm": w >= 5 || p.view === "controls" ? 12 : 6,
            "--wp": p.view === "number" && w <= 3 ? 6 : 12,
            ...(p.size?.x !== undefined ? { "--x": p.size.x + 1 } : {}),
            ...(p.size?.y !== undefined ? { "--y": p.size.y + 1 } : {}),
          } as CSSProperties;
          return (
            <div key={p.id} className={classes.cell} style={style} data-cell={p.id}>
              <PanelFrame
                panel={p}
                {...rest}
                full={full}
                edit={made?.head}
                controls={p.view === "controls" ? controls(p) : undefined}
              />
              {made?.corner}
            </div>
          );
        })}
      </div>
    </>
  );
}
