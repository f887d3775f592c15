import { TextInput, UnstyledButton } from "@mantine/core";
import {
  IconChevronDown,
  IconChevronRight,
  IconColumnInsertRight,
  IconColumnRemove,
  IconSearch,
} from "@tabler/icons-react";
import { useDeferredValue, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FieldInfo, Scope, Value } from "@/api";
import { pick } from "@/i18n";
import type { FilterMode } from "@/state";
import { Loading } from "@/ui";
import { num, percent } from "@/ui/format";
import { toggleColumn } from "./columns";
import classes from "./FieldSidebar.module.css";
import { FieldValues } from "./FieldValues";
import { type FieldGroup, groupFields } from "./fieldGroups";

export interface FieldSidebarProps {
  /** Fields that occur, with their fill rate (POST /fields). Undefined while they are asked for. */
  fields?: FieldInfo[];
  /** Total of events looked at; below the whole when sampled. */
  sampled?: number;
  columns: string[];
  onColumns: (columns: string[]) => void;
  /** Which events the values are counted in. */
  scope: Scope;
  /** Agreed to a dear search. */
  yes?: boolean;
  onFilter: (field: string, value: Value, mode: FilterMode) => void;
  /** Field has a value / has none. */
  onExists: (field: string, exists: boolean) => void;
  /** Cuts the histogram by the field. */
  onBy?: (field: string) => void;
  stale?: boolean;
}

const kept = "yagura.groups";

function readClosed(): string[] {
  try {
    const v: unknown = JSON.parse(localStorage.getItem(kept) ?? "null");
    return Array.isArray(v) ? v.map(String) : [];
  } catch {
    return [];
  }
}

/** FieldSidebar lists the fields of a search under their headings; a press shows the top values of a field with their actions. */
export function FieldSidebar(props: FieldSidebarProps) {
  const { fields, columns, onColumns, stale } = props;
  const { t } = useTranslation("explore");
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState<string>();
  const [toggled, setToggled] = useState<string[]>(readClosed);
  const slow = useDeferredValue(typed);
  const groups = useMemo(() => groupFields(fields ?? [], columns, slow), [fields, columns, slow]);
  const searching = slow.trim() !== "";
  // Own groups begin open, the others closed; what was toggled is remembered.
  const isOpen = (g: FieldGroup) => searching || toggled.includes(g.id) !== g.own;
  const toggle = (id: string) => {
    const next = toggled.includes(id) ? toggled.filter((x) => x !== id) : [...toggled, id];
    setToggled(next);
    localStorage.setItem(kept, JSON.stringify(next));
  };
  return (
    <nav className={classes.side} aria-label={t("fields.label")} data-stale={stale || undefined}>
      <TextInput
        className={classes.search}
        leftSection={<IconSearch size={13} />}
        placeholder={t("fields.search")}
        aria-label={t("fields.search")}
        value={typed}
        onChange={(e) => setTyped(e.currentTarget.value)}
      />
      {props.sampled !== undefined && (
        <p className={classes.note}>{t("fields.sampled", { shown: num(props.sampled) })}</p>
      )}
      <div className={classes.list}>
        {groups.map((g) => (
          <section key={g.id} data-group={g.id}>
            <UnstyledButton className={classes.group} aria-expanded={isOpen(g)} onClick={() => toggle(g.id)}>
              {isOpen(g) ? <IconChevronDown size={13} aria-hidden /> : <IconChevronRight size={13} aria-hidden />}
              <span className={g.own ? undefined : classes.prefix}>{g.own ? t(`fields.${g.id}`) : g.id}</span>
              <span className={classes.count}>{g.fields.length}</span>
            </UnstyledButton>
            {isOpen(g) && (
              <ul className={classes.fields}>
                {g.fields.map((f) => {
                  const id = `${g.id}/${f.name}`;
                  const on = columns.includes(f.name);
                  return (
                    <li key={f.name} data-field-name={f.name} data-open={open === id || undefined}>
                      <div className={classes.line}>
                        <UnstyledButton
                          className={classes.field}
                          aria-expanded={open === id}
                          onClick={() => setOpen(open === id ? undefined : id)}
                          title={[
                            pick(f as { title_en?: string; title_ja?: string }, "title"),
                            t("fields.fill", { share: percent(f.fill) }),
                          ]
                            .filter(Boolean)
                            .join("\n")}
                        >
                          <Kind kind={f.kind} />
                          <bdi className="y-cut">{shorten(f.name, g)}</bdi>
                          <span className={classes.bar} aria-hidden>
                            <i style={{ width: `${Math.max(4, f.fill * 100)}%` }} />
                          </span>
                        </UnstyledButton>
                        <UnstyledButton
                          className={classes.add}
                          data-on={on || undefined}
                          aria-label={t(on ? "detail.columnOff" : "detail.columnOn", { field: f.name })}
                          onClick={() => onColumns(toggleColumn(columns, f.name))}
                        >
                          {on ? <IconColumnRemove size={14} /> : <IconColumnInsertRight size={14} />}
                        </UnstyledButton>
                      </div>
                      {open === id && (
                        <FieldValues
                          field={f.name}
                          scope={props.scope}
                          yes={props.yes}
                          onFilter={props.onFilter}
                          onExists={props.onExists}
                          onBy={props.onBy}
                        />
                      )}
                    </li>
                  );
                })}
              </ul>
            )}
          </section>
        ))}
        {fields && groups.length === 0 && (
          <p className={classes.note}>{t(searching ? "fields.nothing" : "fields.empty")}</p>
        )}
        {!fields && <Loading rows={12} />}
      </div>
    </nav>
  );
}

/** Under its own heading a name is shown without what the heading says already. */
function shorten(name: string, g: FieldGroup): string {
  return !g.own && name.startsWith(`${g.id}.`) ? name.slice(g.id.length + 1) : name;
}

const signs: Record<string, string> = {
  ip: "ip",
  ips: "ip",
  int: "#",
  float: "#",
  time: "◷",
  bool: "?",
  strings: "[]",
  map: "{}",
};

function Kind({ kind }: { kind: string }) {
  return (
    <span className={classes.kind} data-kind={kind} aria-hidden>
      {signs[kind] ?? "a"}
    </span>
  );
}
