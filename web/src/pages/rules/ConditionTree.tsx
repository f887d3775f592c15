import { IconCheck, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { num, visible } from "@/ui";
import type { ConditionPart, ExplainedNode } from "./endpoints";
import classes from "./Rules.module.css";
import { testWords } from "./words";

interface Part {
  kind: string;
  name?: string;
  text?: string;
  line?: number;
  more?: number;
  parts: Part[];
  /** Of an explained event: whether it holds, and what was seen. */
  holds?: boolean;
  values?: { field: string; value: string }[];
}

const ofCondition = (p: ConditionPart): Part => ({ ...p, parts: (p.parts ?? []).map(ofCondition) });
const ofExplained = (n: ExplainedNode): Part => ({
  ...n,
  values: n.values ?? [],
  parts: (n.nodes ?? []).map(ofExplained),
});

/** ConditionTree is what a rule looks for, in words. With an explained event each part says whether it holds and what it saw. */
export function ConditionTree({
  tree,
  explained,
  onLine,
}: {
  tree?: ConditionPart;
  explained?: ExplainedNode;
  /** A line of the file was pressed. */
  onLine?: (line: number) => void;
}) {
  const root = explained ? ofExplained(explained) : tree ? ofCondition(tree) : undefined;
  if (!root) return null;
  return (
    <ul className={classes.tree} data-tree>
      <Branch part={root} onLine={onLine} />
    </ul>
  );
}

function Branch({ part: p, onLine }: { part: Part; onLine?: (line: number) => void }) {
  const { t } = useTranslation("rules");
  const judged = p.holds !== undefined;
  // "not" of one test is one line.
  const inner = p.kind === "not" && p.parts.length === 1 ? p.parts[0] : undefined;
  const lone = inner?.kind === "test" ? inner : undefined;
  const name = p.name ?? lone?.name;
  return (
    <li data-kind={p.kind} data-holds={judged ? String(p.holds) : undefined}>
      <div className={classes.part}>
        {judged && (
          <span className={classes.verdict} data-holds={String(p.holds)}>
            {p.holds ? (
              <IconCheck size={12} stroke={3} aria-label={t("tree.yes")} />
            ) : (
              <IconX size={12} stroke={3} aria-label={t("tree.no")} />
            )}
          </span>
        )}
        {p.kind !== "test" && <span className={classes.word}>{t(`tree.${p.kind}`)}</span>}
        {name && <span className={classes.searchName}>{visible(name, 80)}</span>}
        {p.kind === "test" && <Test text={p.text ?? ""} line={p.line} onLine={onLine} />}
        {lone && <Test text={lone.text ?? ""} line={lone.line} onLine={onLine} />}
        {judged && (p.kind === "test" || lone) && (
          <Seen values={(lone ?? p).values ?? []} text={(lone ?? p).text ?? ""} />
        )}
      </div>
      {!lone && (p.parts.length > 0 || (p.more ?? 0) > 0) && (
        <ul>
          {p.parts.map((x, i) => (
            <Branch key={i} part={x} onLine={onLine} />
          ))}
          {(p.more ?? 0) > 0 && <li className="y-dim">{t("tree.more", { count: p.more, shown: num(p.more!) })}</li>}
        </ul>
      )}
    </li>
  );
}

function Test({ text, line, onLine }: { text: string; line?: number; onLine?: (line: number) => void }) {
  const { t } = useTranslation("rules");
  const w = testWords(text);
  const at =
    line && onLine ? (
      <button type="button" className={classes.line} onClick={() => onLine(line)}>
        {t("tree.line", { line })}
      </button>
    ) : null;
  if (!w)
    return (
      <>
        <bdi className="y-mono">{visible(text, 600)}</bdi>
        {at}
      </>
    );
  return (
    <>
      <b className={classes.field}>{w.field === "" ? t("tree.any") : visible(w.field, 120)}</b>
      <span className="y-dim">
        {t(`op.${w.op}`)}
        {w.exactly && ` ${t("op.exactly")}`}
      </span>
      {w.value !== undefined && <bdi className={classes.value}>{visible(w.value, 600)}</bdi>}
      {at}
    </>
  );
}

function Seen({ values, text }: { values: { field: string; value: string }[]; text: string }) {
  const { t } = useTranslation("rules");
  if (values.length === 0)
    return /^any value/.test(text) ? null : <span className={classes.seen}>{t("tree.absent")}</span>;
  return (
    <span className={classes.seen}>
      {t("tree.saw")}{" "}
      {values.slice(0, 3).map((v, i) => (
        <bdi key={i} className="y-mono">
          {visible(v.value, 160)}
          {i < Math.min(values.length, 3) - 1 ? ", " : ""}
        </bdi>
      ))}
    </span>
  );
}
