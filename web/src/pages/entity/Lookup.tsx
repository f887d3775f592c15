import { Button, Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { EntityKind } from "@/api";
import { go } from "@/app/router";
import { entityUrl, useRange } from "@/state";
import classes from "./Entity.module.css";
import { guessKind, kinds } from "./model";

/** Lookup asks what to look for. The kind follows what is typed until it is chosen. */
export function Lookup({ kind, value }: { kind?: EntityKind; value: string }) {
  const { t } = useTranslation("entity");
  const range = useRange();
  const [typed, setTyped] = useState(value);
  const [chosen, setChosen] = useState<EntityKind | undefined>(value ? undefined : kind);
  const shown = chosen ?? guessKind(typed.trim());
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (typed.trim()) go(entityUrl(shown, typed.trim(), { from: range.from, to: range.to }));
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <Select
        label={t("lookup.kind")}
        data={kinds.map((k) => ({ value: k, label: t(`kind.${k}`) }))}
        value={shown}
        onChange={(v) => setChosen((v ?? undefined) as EntityKind | undefined)}
        allowDeselect={false}
        size="sm"
      />
      <TextInput
        label={t("lookup.value")}
        placeholder={t("lookup.placeholder")}
        value={typed}
        onChange={(e) => setTyped(e.currentTarget.value)}
        maxLength={4096}
        size="sm"
        autoFocus
        classNames={{ input: "y-mono" }}
      />
      <Button type="submit" size="sm" leftSection={<IconSearch size={15} />} disabled={!typed.trim()}>
        {t("lookup.go")}
      </Button>
    </form>
  );
}
