import { Alert, Button, Checkbox, Code, CopyButton, Group, Modal, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Token, useAction, useApi } from "@/api";
import { useZone } from "@/state";
import { DataTable, date, EmptyState, ErrorState, Loading, Panel, relative } from "@/ui";
import { Confirm } from "./Confirm";
import classes from "./Settings.module.css";

const scopes = ["read", "export", "alerts", "content", "intake", "admin"] as const;

function NewToken({ close }: { close: () => void }) {
  const { t } = useTranslation("settings");
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>(["read"]);
  const [days, setDays] = useState<string | null>("90");
  const make = useAction("POST /tokens", { refresh: ["GET /tokens"] });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    make.mutate({
      body: { name: name.trim(), scopes: chosen, days: days === "0" ? undefined : Number(days) },
    });
  };
  if (make.data) {
    return (
      <div className={classes.narrow}>
        <Alert color="lantern">{t("tokens.once")}</Alert>
        <Code block data-secret>
          {make.data.secret}
        </Code>
        <Group justify="flex-end">
          <CopyButton value={make.data.secret}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {t(copied ? "tokens.copied" : "tokens.copy")}
              </Button>
            )}
          </CopyButton>
          <Button onClick={close}>{t("common:close")}</Button>
        </Group>
      </div>
    );
  }
  return (
    <form className={classes.narrow} onSubmit={submit}>
      <TextInput
        label={t("tokens.name")}
        placeholder={t("tokens.nameExample")}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        data-autofocus
        required
      />
      <Checkbox.Group label={t("tokens.scopes")} value={chosen} onChange={setChosen}>
        <div className={classes.scopes}>
          {scopes.map((s) => (
            <Checkbox key={s} size="xs" value={s} label={t(`tokens.scope.${s}`)} />
          ))}
        </div>
      </Checkbox.Group>
      <Select
        label={t("tokens.expires")}
        value={days}
        onChange={setDays}
        allowDeselect={false}
        data={["7", "30", "90", "365"]
          .map((d) => ({ value: d, label: t("tokens.days", { n: d }) }))
          .concat({ value: "0", label: t("tokens.never") })}
      />
      {make.error && <ErrorState problem={make.error} small />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("cancel")}
        </Button>
        <Button type="submit" loading={make.isPending} disabled={!name.trim() || chosen.length === 0}>
          {t("tokens.make")}
        </Button>
      </Group>
    </form>
  );
}

/** Tokens let programs act for a person, within their scopes. */
export function Tokens() {
  const { t } = useTranslation("settings");
  const zone = useZone();
  const { data, error, refetch } = useApi("GET /tokens");
  const revoke = useAction("DELETE /tokens/{id}", { refresh: ["GET /tokens"] });
  const [making, setMaking] = useState(false);
  if (error) return <ErrorState problem={error} retry={() => refetch()} />;
  if (!data) return <Loading />;
  return (
    <Panel
      title={t("parts.tokens")}
      pad={false}
      actions={
        <Button size="compact-xs" onClick={() => setMaking(true)}>
          {t("tokens.new")}
        </Button>
      }
    >
      <DataTable<Token>
        label={t("parts.tokens")}
        rows={data.items}
        rowKey={(x) => x.id}
        empty={<EmptyState title={t("tokens.none")} text={t("tokens.noneText")} />}
        columns={[
          { key: "name", title: t("tokens.name"), value: (x) => x.name },
          { key: "owner", title: t("tokens.owner"), value: (x) => x.owner },
          { key: "scopes", title: t("tokens.scopes"), value: (x) => x.scopes.join(", ") },
          {
            key: "created",
            title: t("tokens.created"),
            value: (x) => x.created,
            render: (x) => date(x.created, zone, "date"),
          },
          {
            key: "expires",
            title: t("tokens.expires"),
            value: (x) => x.expires,
            render: (x) => (x.expires ? date(x.expires, zone, "date") : t("tokens.never")),
          },
          {
            key: "used",
            title: t("tokens.used"),
            value: (x) => x.last_used,
            render: (x) => (x.last_used ? relative(x.last_used) : t("tokens.unused")),
          },
          {
            key: "do",
            title: t("actions"),
            sortable: false,
            value: () => "",
            render: (x) => (
              <Confirm
                label={t("tokens.revoke")}
                question={t("tokens.revokeSure", { name: x.name })}
                run={() => revoke.mutate({ path: { id: x.id } })}
              />
            ),
          },
        ]}
      />
      {revoke.error && <ErrorState problem={revoke.error} small />}
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title={t("tokens.new")}
        closeButtonProps={{ "aria-label": t("common:close") }}
      >
        <NewToken close={() => setMaking(false)} />
      </Modal>
    </Panel>
  );
}
