import { Button, Group, Modal, PasswordInput, Select, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Role, type User, useAction, useApi } from "@/api";
import { useMe } from "@/app/session";
import { useZone } from "@/state";
import { DataTable, date, EmptyState, ErrorState, Loading, Panel, relative, Tag } from "@/ui";
import { Confirm } from "./Confirm";
import classes from "./Settings.module.css";

const roles: Role[] = ["viewer", "analyst", "admin"];

/** A password that is easy to pass on: four groups of letters and digits without look-alikes. */
function makePassword(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return [...bytes].map((b, i) => (i && i % 5 === 0 ? "-" : "") + letters[b % letters.length]).join("");
}

function UserForm({ user, close }: { user?: User; close: () => void }) {
  const { t } = useTranslation("settings");
  const [name, setName] = useState(user?.name ?? "");
  const [role, setRole] = useState<Role>(user?.role ?? "viewer");
  const [password, setPassword] = useState(user ? "" : makePassword);
  const [disabled, setDisabled] = useState(user?.disabled ?? false);
  const options = { refresh: ["GET /users" as const], onSuccess: close };
  const add = useAction("POST /users", options);
  const change = useAction("PATCH /users/{name}", options);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (user)
      change.mutate({
        path: { name: user.name },
        body: { role, disabled, ...(password ? { password, must_change: true } : {}) },
      });
    else add.mutate({ body: { name: name.trim(), role, password, must_change: true } });
  };
  const problem = add.error ?? change.error;
  return (
    <form className={classes.narrow} onSubmit={submit}>
      {!user && (
        <TextInput
          label={t("users.name")}
          description={t("users.nameRule")}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          data-autofocus
          required
          autoCapitalize="none"
          spellCheck={false}
        />
      )}
      <Select
        label={t("users.role")}
        value={role}
        allowDeselect={false}
        onChange={(r) => r && setRole(r as Role)}
        data={roles.map((r) => ({ value: r, label: t(`users.roles.${r}`) }))}
      />
      <PasswordInput
        label={t(user ? "users.newPassword" : "users.password")}
        description={t(user ? "users.newPasswordText" : "users.passwordText")}
        value={password}
        defaultVisible={!user}
        autoComplete="new-password"
        onChange={(e) => setPassword(e.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": t("login:show") }}
      />
      {user && (
        <Switch label={t("users.disabled")} checked={disabled} onChange={(e) => setDisabled(e.currentTarget.checked)} />
      )}
      {problem && <ErrorState problem={problem} small />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("cancel")}
        </Button>
        <Button
          type="submit"
          loading={add.isPending || change.isPending}
          disabled={!name.trim() || (!user && !password)}
        >
          {t(user ? "save" : "users.add")}
        </Button>
      </Group>
    </form>
  );
}

/** Users: who may sign in, and as what. */
export function Users() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const zone = useZone();
  const { data, error, refetch } = useApi("GET /users");
  const remove = useAction("DELETE /users/{name}", { refresh: ["GET /users"] });
  const [editing, setEditing] = useState<User | "new">();
  if (error) return <ErrorState problem={error} retry={() => refetch()} />;
  if (!data) return <Loading />;
  const newUser = (
    <Button size="compact-xs" onClick={() => setEditing("new")}>
      {t("users.add")}
    </Button>
  );
  return (
    <Panel title={t("parts.users")} pad={false} actions={newUser}>
      <DataTable<User>
        label={t("parts.users")}
        rows={data.items}
        rowKey={(u) => u.name}
        initialSort={{ key: "name", down: false }}
        empty={<EmptyState title={t("users.none")} text={t("users.noneText")} />}
        columns={[
          {
            key: "name",
            title: t("users.name"),
            value: (u) => u.name,
            render: (u) => (
              <Group gap={6}>
                <b>{u.name}</b>
                {u.disabled && <Tag>{t("users.isDisabled")}</Tag>}
                {u.must_change && <Tag mood="warn">{t("users.mustChange")}</Tag>}
              </Group>
            ),
          },
          { key: "role", title: t("users.role"), value: (u) => t(`common:role.${u.role}`) },
          {
            key: "created",
            title: t("users.created"),
            value: (u) => u.created,
            render: (u) => (u.created ? date(u.created, zone, "date") : ""),
          },
          {
            key: "login",
            title: t("users.login"),
            value: (u) => u.last_login,
            render: (u) => (u.last_login ? relative(u.last_login) : t("users.never")),
          },
          {
            key: "do",
            title: t("actions"),
            sortable: false,
            value: () => "",
            render: (u) => (
              <Group gap={6} wrap="nowrap">
                <Button
                  variant="default"
                  size="compact-xs"
                  onClick={() => setEditing(u)}
                  aria-label={t("users.editName", { name: u.name })}
                >
                  {t("users.edit")}
                </Button>
                {u.name !== me?.name && (
                  <Confirm
                    label={t("users.remove")}
                    question={t("users.removeSure", { name: u.name })}
                    run={() => remove.mutate({ path: { name: u.name } })}
                  />
                )}
              </Group>
            ),
          },
        ]}
      />
      {remove.error && <ErrorState problem={remove.error} small />}
      <Modal
        opened={editing !== undefined}
        onClose={() => setEditing(undefined)}
        title={editing && editing !== "new" ? t("users.editName", { name: editing.name }) : t("users.add")}
        closeButtonProps={{ "aria-label": t("common:close") }}
      >
        {editing && <UserForm user={editing === "new" ? undefined : editing} close={() => setEditing(undefined)} />}
      </Modal>
    </Panel>
  );
}
