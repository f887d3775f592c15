import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/api";
import { ErrorState, Panel, Tag, visible } from "@/ui";
import { ConditionTree } from "./ConditionTree";
import "./endpoints";
import classes from "./Rules.module.css";
import { eventIdOf } from "./words";

/** ExplainPanel judges one event by the rule, or by the text of one, and says of each part why. */
export function ExplainPanel({
  rule,
  yaml,
  suggested,
  onLine,
}: {
  rule?: string;
  yaml?: string;
  /** The id of an event that the rule found. */
  suggested?: string;
  onLine?: (line: number) => void;
}) {
  const { t } = useTranslation("rules");
  const [id, setId] = useState("");
  const explain = useAction("POST /rules/explain");
  const { reset } = explain;
  // biome-ignore lint/correctness/useExhaustiveDependencies: an answer about another text is no answer
  useEffect(() => reset(), [yaml, rule, reset]);
  const ask = (event: string) => {
    if (event !== "") explain.mutate({ body: { rule: yaml === undefined ? rule : undefined, yaml, event_id: event } });
  };
  const send = (e: FormEvent) => {
    e.preventDefault();
    ask(eventIdOf(id));
  };
  const results = explain.data?.explanations ?? [];
  return (
    <Panel title={t("explain.title")}>
      <form className={classes.explain} onSubmit={send}>
        <TextInput
          aria-label={t("explain.event")}
          placeholder={t("explain.hint")}
          value={id}
          maxLength={4000}
          spellCheck={false}
          onChange={(e) => setId(e.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={explain.isPending} disabled={id.trim() === ""}>
          {t("explain.run")}
        </Button>
        {suggested && (
          <Button
            variant="subtle"
            disabled={explain.isPending}
            onClick={() => {
              setId(suggested);
              ask(suggested);
            }}
          >
            {t("explain.last")}
          </Button>
        )}
      </form>
      <div aria-live="polite" data-explained={explain.isSuccess || undefined}>
        {explain.error && <ErrorState problem={explain.error} small />}
        {explain.isSuccess && results.length === 0 && <p className="y-dim">{t("explain.none")}</p>}
        {results.map((x, i) => (
          <div key={i} className={classes.verdictBox}>
            <Tag mood={x.match ? "good" : "warn"}>{t(x.match ? "explain.match" : "explain.noMatch")}</Tag>{" "}
            <span className="y-dim">{visible(x.log_type, 60)}</span>
            <ConditionTree explained={x.tree} onLine={onLine} />
          </div>
        ))}
      </div>
    </Panel>
  );
}
