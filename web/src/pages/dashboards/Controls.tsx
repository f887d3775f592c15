import { Popover, Switch, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Choices, inLanguage, type Variable } from "@/charts/model";
import { cell, compact, country, num } from "@/ui/format";
import classes from "./Board.module.css";
import { type BoardStore, useChoices } from "./useBoard";

export interface ControlsProps {
  variables: Variable[];
  names?: string[];
  store: BoardStore;
  chosen: Record<string, string[]>;
  onChoose: (v: Variable, values: string[]) => void;
}

/** Controls are the choices of a dashboard's variables, each with how many events there are. */
export function Controls({ variables, names, store, chosen, onChoose }: ControlsProps) {
  const choices = useChoices(store);
  const shown = variables.filter((v) => v.kind !== "list" && (!names?.length || names.includes(v.name)));
  return (
    <div className={classes.controls}>
      {shown.map((v) => {
        const values = chosen[v.name] ?? v.default ?? [];
        if (v.kind === "toggle")
          return (
            <Switch
              key={v.name}
              size="xs"
              label={inLanguage(v.title) || v.name}
              title={inLanguage(v.help)}
              checked={values.includes("on")}
              onChange={(e) => onChoose(v, e.currentTarget.checked ? ["on"] : [])}
              data-variable={v.name}
            />
          );
        if (v.kind === "text") return <Typed key={v.name} variable={v} value={values[0] ?? ""} onChoose={onChoose} />;
        return <Choice key={v.name} variable={v} values={values} choices={choices[v.name]} onChoose={onChoose} />;
      })}
    </div>
  );
}

function Typed({
  variable,
  value,
  onChoose,
}: {
  variable: Variable;
  value: string;
  onChoose: ControlsProps["onChoose"];
}) {
  const [draft, setDraft] = useState(value);
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setDraft(value);
  }
  const title = inLanguage(variable.title) || variable.name;
  return (
    <TextInput
      w={150}
      placeholder={title}
      aria-label={title}
      value={draft}
      onChange={(e) => setDraft(e.currentTarget.value)}
      onBlur={() => draft !== value && onChoose(variable, draft ? [draft] : [])}
      onKeyDown={(e) => e.key === "Enter" && onChoose(variable, draft ? [draft] : [])}
      data-variable={variable.name}
    />
  );
}

function Choice({
  variable,
  values,
  choices,
  onChoose,
}: {
  variable: Variable;
  values: string[];
  choices?: Choices;
  onChoose: ControlsProps["onChoose"];
}) {
  const { t } = useTranslation("dashboards");
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const title = inLanguage(variable.title) || variable.name;
  const nameOf = (v: string) => (variable.field?.endsWith("country_iso_code") ? country(v) : cell(v));
  const all = (choices?.values ?? []).map((c) => ({ value: String(c.value), count: c.count }));
  for (const v of values) if (!all.some((c) => c.value === v)) all.unshift({ value: v, count: 0 });
  const find = typed.trim().toLowerCase();
  const shown = all.filter(
    (c) => !find || c.value.toLowerCase().includes(find) || nameOf(c.value).toLowerCase().includes(find),
  );
  const own = find && !all.some((c) => c.value === typed.trim()) ? typed.trim() : "";
  const toggle = (v: string) => onChoose(variable, values.includes(v) ? values.filter((x) => x !== v) : [...values, v]);
  const text =
    values.length === 0
      ? t("controls.all")
      : values.length === 1
        ? nameOf(values[0]!)
        : t("controls.some", { count: values.length });
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="bottom-start"
      width={290}
      trapFocus
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <UnstyledButton
          className={classes.control}
          data-on={values.length > 0 || undefined}
          onClick={() => setOpen(!open)}
          title={inLanguage(variable.help) || undefined}
          aria-expanded={open}
          data-variable={variable.name}
        >
          <span className="y-dim">{title}</span>
          <b className="y-cut">{text}</b>
          <IconChevronDown size={13} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={8}>
        <TextInput
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
          placeholder={t("controls.find")}
          aria-label={t("controls.findIn", { title })}
          rightSection={
            values.length > 0 ? (
              <UnstyledButton
                className={classes.clear}
                onClick={() => onChoose(variable, [])}
                aria-label={t("controls.clear", { title })}
              >
                <IconX size={13} />
              </UnstyledButton>
            ) : undefined
          }
          onKeyDown={(e) => {
            if (e.key === "Enter" && typed.trim()) toggle(shown[0] && !own ? shown[0].value : typed.trim());
          }}
        />
        <div className={classes.choices} role="group" aria-label={title}>
          {own && (
            <label>
              <input type="checkbox" checked={values.includes(own)} onChange={() => toggle(own)} />
              <span className="y-cut">{own}</span>
            </label>
          )}
          {shown.slice(0, 100).map((c) => (
            <label key={c.value} data-choice={c.value}>
              <input type="checkbox" checked={values.includes(c.value)} onChange={() => toggle(c.value)} />
              <span className="y-cut" title={c.value}>
                {nameOf(c.value)}
              </span>
              <span className="y-dim" title={num(c.count)}>
                {compact(c.count)}
              </span>
            </label>
          ))}
          {shown.length === 0 && !own && <p className="y-dim">{t("controls.none")}</p>}
          {choices?.error && <p className={classes.partial}>{choices.error}</p>}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
