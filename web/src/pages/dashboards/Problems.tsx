import { Code } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { BoardProblem } from "@/charts/model";
import { visible } from "@/ui/format";
import classes from "./Board.module.css";

/** Problems lists the faults of a file: where, what, how to mend it, and the line itself. */
export function Problems({ problems, yaml }: { problems: BoardProblem[]; yaml?: string }) {
  const { t } = useTranslation("dashboards");
  const lines = yaml?.split("\n");
  return (
    <ul className={classes.problems}>
      {problems.map((p) => (
        <li key={`${p.line}:${p.column}:${p.message}`} data-warning={p.warning || undefined} data-problem>
          <div>
            <b>{t("problem.at", { line: p.line, column: p.column })}</b> {visible(p.message, 600)}
          </div>
          {p.hint && <div className="y-dim">{visible(p.hint, 600)}</div>}
          {lines?.[p.line - 1] !== undefined && <Code block>{visible(lines[p.line - 1]!, 300)}</Code>}
        </li>
      ))}
    </ul>
  );
}
