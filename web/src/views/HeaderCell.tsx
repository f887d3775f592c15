import { UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { leastWidth, mostWidth, textColumn, timeColumn, typeColumn } from "./columns";
import classes from "./EventTable.module.css";

const drag = "application/x-yagura-column";

/** HeaderCell is one heading: drag it to move the column, drag its edge to resize; with the keyboard, alt-arrows and arrows on the edge. */
export function HeaderCell({
  column,
  title,
  width,
  order,
  onOrder,
  onWidth,
  onRemove,
  onMove,
  neighbours,
}: {
  column: string;
  title?: string;
  width: number;
  order?: "newest" | "oldest";
  onOrder?: (order: "newest" | "oldest") => void;
  /** done: the pointer was let go, the width is to be kept. */
  onWidth: (width: number, done: boolean) => void;
  onRemove?: () => void;
  onMove?: (name: string, before?: string) => void;
  /** The columns before which this one stands after a move to the left, and to the right. */
  neighbours: [string | undefined, string | undefined];
}) {
  const { t } = useTranslation("explore");
  const start = useRef<{ x: number; width: number }>(undefined);
  const own: Record<string, string> = {
    [timeColumn]: t("table.time"),
    [typeColumn]: t("table.type"),
    [textColumn]: t("table.text"),
  };
  const name = own[column] ?? column;
  const clamp = (w: number) => Math.min(mostWidth, Math.max(leastWidth, w));
  return (
    <div
      role="columnheader"
      className={classes.headCell}
      data-column={column}
      title={title}
      aria-sort={order ? (order === "newest" ? "descending" : "ascending") : undefined}
      draggable={onMove !== undefined}
      onDragStart={(e) => {
        if (start.current) return e.preventDefault();
        e.dataTransfer.setData(drag, column);
        e.dataTransfer.effectAllowed = "move";
      }}
      onDragOver={(e) => {
        if (onMove && e.dataTransfer.types.includes(drag)) e.preventDefault();
      }}
      onDrop={(e) => {
        const from = e.dataTransfer.getData(drag);
        if (from) onMove?.(from, column);
      }}
      onKeyDown={(e) => {
        if (!onMove || !e.altKey || (e.key !== "ArrowLeft" && e.key !== "ArrowRight")) return;
        e.preventDefault();
        if (e.key === "ArrowLeft") {
          if (neighbours[0]) onMove(column, neighbours[0]);
        } else onMove(column, neighbours[1]);
      }}
    >
      {order && onOrder ? (
        <UnstyledButton
          className={classes.sort}
          onClick={() => onOrder(order === "newest" ? "oldest" : "newest")}
          title={t(`table.${order}`)}
        >
          {name}
          {order === "newest" ? <IconArrowDown size={13} aria-hidden /> : <IconArrowUp size={13} aria-hidden />}
        </UnstyledButton>
      ) : (
        <bdi className="y-cut">{name}</bdi>
      )}
      {onRemove && (
        <UnstyledButton className={classes.remove} onClick={onRemove} aria-label={t("table.remove", { name })}>
          <IconX size={12} aria-hidden />
        </UnstyledButton>
      )}
      <hr
        className={classes.grip}
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={t("table.width", { name })}
        aria-valuenow={Math.round(width)}
        aria-valuemin={leastWidth}
        aria-valuemax={mostWidth}
        onPointerDown={(e) => {
          e.preventDefault();
          e.stopPropagation();
          start.current = { x: e.clientX, width };
          e.currentTarget.setPointerCapture(e.pointerId);
        }}
        onPointerMove={(e) => start.current && onWidth(clamp(start.current.width + e.clientX - start.current.x), false)}
        onPointerUp={(e) => {
          if (start.current) onWidth(clamp(start.current.width + e.clientX - start.current.x), true);
          start.current = undefined;
        }}
        onKeyDown={(e) => {
          if (e.altKey || (e.key !== "ArrowLeft" && e.key !== "ArrowRight")) return;
          e.preventDefault();
          e.stopPropagation();
          onWidth(clamp(width + (e.key === "ArrowLeft" ? -16 : 16)), true);
        }}
      />
    </div>
  );
}
