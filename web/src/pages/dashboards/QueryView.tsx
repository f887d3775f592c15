import { Button, Code, CopyButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { PanelAnswer, PanelDefinition } from "@/charts/model";
import { bytes, duration, num } from "@/ui/format";
import classes from "./Board.module.css";
import { panelYaml } from "./yamlText";

/** QueryView shows what a panel asked: the question with all that narrows it, the command that asks the same, what it cost, its YAML. */
export function QueryView({ panel, answer }: { panel: PanelDefinition; answer: PanelAnswer }) {
  const { t } = useTranslation("dashboards");
  const commands = Object.entries(answer.clis ?? {}).map(([name, text]) => ({ name, text }));
  if (commands.length === 0) commands.push({ name: "", text: answer.cli });
  const yaml = panelYaml(panel);
  return (
    <div className={classes.asked}>
      <h3>{t("query.question")}</h3>
      {answer.wheres ? (
        Object.entries(answer.wheres).map(([name, text]) => (
          <Code block key={name}>
            {`# ${name}\n${text}`}
          </Code>
        ))
      ) : (
        <Code block>{answer.query}</Code>
      )}
      <h3>{t("query.command")}</h3>
      {commands.map((c) => (
        <Copied key={c.name} text={c.text} />
      ))}
      <h3>{t("query.yaml")}</h3>
      <Copied text={yaml} />
      <p className="y-dim">
        {t("query.cost", {
          rows: num(answer.stats.rows),
          bytes: bytes(answer.stats.bytes),
          time: duration(answer.stats.elapsed_ms),
        })}
        {answer.stats.cached ? ` ${t("query.cached")}` : ""}
      </p>
      {answer.warnings?.map((w) => (
        <p key={w} className={classes.partial}>
          {w}
        </p>
      ))}
    </div>
  );
}

function Copied({ text }: { text: string }) {
  const { t } = useTranslation("dashboards");
  return (
    <div className={classes.copied}>
      <Code block>{text}</Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" size="compact-xs" onClick={copy}>
            {t(copied ? "panel.copied" : "query.copy")}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
