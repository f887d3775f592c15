import { ActionIcon, Button, Checkbox, CloseButton, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api } from "@/api";
import type { Options, PanelDefinition } from "@/charts/model";
import { language } from "@/i18n";
import { QueryBar } from "@/views/query/QueryBar";
import classes from "../Board.module.css";
import { sizeOf } from "../sizes";
import { clean, optionsOf } from "./draft";

const views = [
  "number",
  "table",
  "donut",
  "bar",
  "line",
  "area",
  "heatmap",
  "map",
  "sankey",
  "treemap",
  "events",
  "text",
  "controls",
];
const choices: Record<string, string[]> = {
  unit: ["count", "bytes", "percent", "ms", "s", "ns"],
  delta: ["up_is_bad", "up_is_good", "neutral"],
  colors: ["severity", "action", "outcome", "status"],
};

/** PanelEditor is the form of one panel. Each change shows at once; a question is asked when it was written to its end (Enter). */
export function PanelEditor({
  panel,
  onChange,
  onClose,
  scope,
}: {
  panel: PanelDefinition;
  onChange: (change: Partial<PanelDefinition>) => void;
  onClose: () => void;
  scope: { from: string; to: string };
}) {
  const { t } = useTranslation("dashboards");
  const size = sizeOf(panel);
  const options = panel.options ?? {};
  const known = optionsOf[panel.view] ?? [];
  const setOption = (name: string, value: unknown) =>
    onChange({ options: clean({ ...options, [name]: value }) as Options });
  const title = panel.title ?? { en: "", ja: "" };
  const help = panel.help ?? { en: "", ja: "" };
  const text = panel.text ?? { en: "", ja: "" };
  const asks = panel.view !== "text" && panel.view !== "controls";
  return (
    <aside className={`y-panel ${classes.side}`} aria-label={t("edit.form")} data-panel-editor={panel.id}>
      <div className={classes.sideHead}>
        <h2>{t("edit.form")}</h2>
        <CloseButton size={26} onClick={onClose} aria-label={t("edit.closeForm")} />
      </div>
      <div className={classes.pair}>
        <Lazy
          label={t("form.titleEn")}
          value={title.en}
          onDone={(en) => onChange({ title: { ...title, en } })}
          name="title-en"
        />
        <Lazy
          label={t("form.titleJa")}
          value={title.ja}
          onDone={(ja) => onChange({ title: { ...title, ja } })}
          name="title-ja"
        />
      </div>
      <div className={classes.pair}>
        <Select
          label={t("form.view")}
          data={views.map((v) => ({ value: v, label: t(`view.${v}`) }))}
          value={panel.view}
          allowDeselect={false}
          onChange={(v) => {
            const keep = optionsOf[v ?? ""] ?? [];
            onChange({
              view: v ?? panel.view,
              options: Object.fromEntries(Object.entries(options).filter(([k]) => keep.includes(k))) as Options,
            });
          }}
        />
        <div className={classes.pair}>
          <NumberInput
            size="xs"
            label={t("form.width")}
            min={1}
            max={12}
            value={size.w}
            onChange={(w) => onChange({ size: { ...panel.size, w: Number(w) || size.w, h: size.h } })}
          />
          <NumberInput
            size="xs"
            label={t("form.height")}
            min={1}
            max={30}
            value={size.h}
            onChange={(h) => onChange({ size: { ...panel.size, h: Number(h) || size.h, w: size.w } })}
          />
        </div>
      </div>
      {asks &&
        (panel.queries?.length ? (
          panel.queries.map((q, i) => (
            <div key={q.name}>
              <div className={classes.sideHead}>
                <span className={classes.sideLabel}>{q.name}</span>
                <ActionIcon
                  size={24}
                  aria-label={t("form.removeQuery", { name: q.name })}
                  onClick={() => onChange({ queries: panel.queries!.filter((_, j) => j !== i) })}
                >
                  <IconTrash size={14} />
                </ActionIcon>
              </div>
              <Query
                label={t("form.queryOf", { name: q.name })}
                value={q.query}
                scope={scope}
                onDone={(query) => onChange({ queries: panel.queries!.map((x, j) => (j === i ? { ...x, query } : x)) })}
              />
            </div>
          ))
        ) : (
          <div>
            <div className={classes.sideLabel}>{t("form.query")}</div>
            <Query
              label={t("form.query")}
              value={panel.query ?? ""}
              scope={scope}
              onDone={(query) => onChange({ query })}
            />
          </div>
        ))}
      {asks && Boolean(panel.queries?.length) && (
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          onClick={() =>
            onChange({
              queries: [
                ...panel.queries!,
                { name: `q${panel.queries!.length + 1}`, query: panel.queries!.at(-1)!.query },
              ],
            })
          }
        >
          {t("form.addQuery")}
        </Button>
      )}
      {panel.view === "text" && (
        <>
          <LazyArea label={t("form.textEn")} value={text.en} onDone={(en) => onChange({ text: { ...text, en } })} />
          <LazyArea label={t("form.textJa")} value={text.ja} onDone={(ja) => onChange({ text: { ...text, ja } })} />
        </>
      )}
      {asks && (
        <div className={classes.pair}>
          <Select
            label={t("form.compare")}
            data={["previous", "day", "week", "none"].map((c) => ({ value: c, label: t(`compare.${c}`) }))}
            value={panel.compare ?? null}
            placeholder={t("form.usual")}
            clearable
            onChange={(v) => onChange({ compare: v ?? "" })}
          />
          <Lazy
            label={t("form.lookback")}
            value={panel.lookback ?? ""}
            onDone={(lookback) => onChange({ lookback })}
            name="lookback"
            placeholder="30d"
          />
        </div>
      )}
      <div className={classes.pair}>
        {known
          .filter((o) => choices[o])
          .map((o) => (
            <Select
              key={o}
              label={t(`option.${o}`)}
              data={choices[o]!.map((c) => ({ value: c, label: t(`choice.${c}`) }))}
              value={(options as Record<string, string>)[o] ?? null}
              placeholder={t("form.usual")}
              clearable
              onChange={(v) => setOption(o, v ?? "")}
            />
          ))}
      </div>
      {known
        .filter((o) => !choices[o] && o !== "rows")
        .map((o) => (
          <Checkbox
            key={o}
            size="xs"
            label={t(`option.${o}`)}
            checked={Boolean((options as Record<string, boolean>)[o])}
            onChange={(e) => setOption(o, e.currentTarget.checked)}
          />
        ))}
      {asks && (
        <>
          <LazyArea label={t("form.helpEn")} value={help.en} onDone={(en) => onChange({ help: { ...help, en } })} />
          <LazyArea label={t("form.helpJa")} value={help.ja} onDone={(ja) => onChange({ help: { ...help, ja } })} />
        </>
      )}
    </aside>
  );
}

/** Lazy is a field whose change counts when it is left or Enter is pressed, so that undo takes back words and not letters. */
function Lazy({
  label,
  value,
  onDone,
  name,
  placeholder,
}: {
  label: string;
  value: string;
  onDone: (v: string) => void;
  name: string;
  placeholder?: string;
}) {
  return (
    <TextInput
      key={value}
      label={label}
      defaultValue={value}
      name={name}
      placeholder={placeholder}
      onBlur={(e) => e.currentTarget.value !== value && onDone(e.currentTarget.value)}
      onKeyDown={(e) => e.key === "Enter" && e.currentTarget.blur()}
    />
  );
}

function LazyArea({ label, value, onDone }: { label: string; value: string; onDone: (v: string) => void }) {
  return (
    <Textarea
      key={value}
      size="xs"
      label={label}
      defaultValue={value}
      autosize
      minRows={2}
      maxRows={8}
      onBlur={(e) => e.currentTarget.value !== value && onDone(e.currentTarget.value)}
    />
  );
}

function Query({
  label,
  value,
  scope,
  onDone,
}: {
  label: string;
  value: string;
  scope: { from: string; to: string };
  onDone: (q: string) => void;
}) {
  const { t } = useTranslation("dashboards");
  return (
    <div className={classes.queryBox}>
      <QueryBar
        label={label}
        value={value}
        history={false}
        placeholder={t("form.queryHelp")}
        onRun={onDone}
        complete={(text, position, signal) =>
          api(
            "POST /complete",
            { body: { text, position, from: scope.from, to: scope.to, lang: language() } },
            { signal },
          )
        }
      />
    </div>
  );
}
