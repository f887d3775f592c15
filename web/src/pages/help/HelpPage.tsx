import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ShortcutList } from "@/app/Palette";
import { exploreUrl } from "@/state";
import { Go, Page, Panel } from "@/ui";
import { examples, stages, words } from "./cheats";
import classes from "./Help.module.css";

function Rows({ rows }: { rows: string[][] }) {
  return (
    <dl className={classes.rows}>
      {rows.map(([code, text]) => (
        <div key={code}>
          <dt>
            <code>{code}</code>
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** HelpPage is what fits on one page: the query language by example, the keys, where to read more. */
export default function HelpPage() {
  const { t } = useTranslation("help");
  return (
    <Page title={t("title")} subtitle={t("subtitle")}>
      <div className={classes.grid}>
        <Panel title={t("wordsTitle")}>
          <Rows rows={words.map(([code, key]) => [code, t(`words.${key}`)])} />
        </Panel>
        <Panel title={t("stagesTitle")}>
          <Rows rows={stages.map(([code, key]) => [code, t(`stages.${key}`)])} />
        </Panel>
        <Panel title={t("examplesTitle")} className={classes.full}>
          <ul className={classes.examples}>
            {examples.map(([key, q, from]) => (
              <li key={key}>
                <span>{t(`examples.${key}` as "examples.block")}</span>
                <code>{q}</code>
                <Button
                  component={Go}
                  to={exploreUrl({ q, from })}
                  variant="default"
                  size="compact-xs"
                  aria-label={t("tryName", { name: t(`examples.${key}` as "examples.block") })}
                >
                  {t("try")}
                </Button>
              </li>
            ))}
          </ul>
        </Panel>
        <Panel title={t("keysTitle")}>
          <ShortcutList />
        </Panel>
        <Panel title={t("valuesTitle")}>
          <ul className={classes.tips}>
            {(["click", "shift", "enter", "back", "share", "zone"] as const).map((k) => (
              <li key={k}>{t(`values.${k}`)}</li>
            ))}
          </ul>
        </Panel>
      </div>
    </Page>
  );
}
