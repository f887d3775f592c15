import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { visible } from "@/ui";
import type { RuleProblem, RuleTest } from "./endpoints";
import classes from "./Rules.module.css";

/** Problems are listed with their place and what to do; onPlace makes the place a button. */
export function Problems({
  problems,
  onPlace,
  files,
}: {
  problems: RuleProblem[];
  onPlace?: (p: RuleProblem) => void;
  /** Name the file, too. */
  files?: boolean;
}) {
  const { t } = useTranslation("rules");
  return (
    <ul className={classes.problems} data-problems>
      {problems.map((p, i) => {
        const place = t("problem.place", { line: p.line, column: p.column });
        return (
          <li key={i} data-warning={p.warning || undefined}>
            <IconAlertTriangle size={15} aria-label={t(p.warning ? "problem.warning" : "problem.error")} />
            <div>
              {files && p.file && <span className={`${classes.file} y-mono`}>{visible(p.file, 300)} </span>}
              {p.line > 0 &&
                (onPlace ? (
                  <button type="button" className={classes.place} onClick={() => onPlace(p)}>
                    {place}
                  </button>
                ) : (
                  <span className="y-dim">{place}</span>
                ))}{" "}
              <span>{visible(p.message, 1000)}</span>
              {p.hint && <div className="y-dim">{visible(p.hint, 1000)}</div>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** Tests says of each test of a rule whether it passes. */
export function Tests({ tests }: { tests: RuleTest[] }) {
  const { t } = useTranslation("rules");
  if (tests.length === 0) return <p className={`${classes.plainText} y-dim`}>{t("tests.none")}</p>;
  return (
    <ul className={classes.tests} data-tests>
      {tests.map((x, i) => (
        <li key={i} data-ok={x.ok}>
          {x.ok ? (
            <IconCircleCheck size={16} aria-label={t("tests.ok")} />
          ) : (
            <IconCircleX size={16} aria-label={t("tests.failed")} />
          )}
          <div>
            {visible(x.name, 200)}
            {x.error && (
              <pre className={classes.testError}>
                {x.error
                  .split("\n")
                  .map((l) => visible(l, 500))
                  .join("\n")}
              </pre>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
