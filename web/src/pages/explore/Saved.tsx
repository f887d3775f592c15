import { ActionIcon, Button, Checkbox, Group, Modal, Stack, TextInput, UnstyledButton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBookmark, IconSearch, IconTrash, IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type SavedSearch, type Scope, useAction, useApi } from "@/api";
import { go } from "@/app/router";
import { useMe } from "@/app/session";
import { fromApi } from "@/state";
import { EmptyState, ErrorState, Loading } from "@/ui";
import { visible } from "@/ui/visible";
import { writeColumns } from "@/views/columns";
import classes from "./Saved.module.css";
import { savedLink } from "./state";

interface SavedProps {
  mode: "save" | "open";
  scope: Scope;
  columns: string[];
  by: string;
  onClose: () => void;
}

/** Saved keeps the search under a name, or opens one kept before. */
export default function Saved(props: SavedProps) {
  return props.mode === "save" ? <Save {...props} /> : <Open {...props} />;
}

function Save({ scope, columns, by, onClose }: SavedProps) {
  const { t } = useTranslation("explore");
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useAction("POST /saved-searches", {
    refresh: ["GET /saved-searches"],
    onSuccess: () => {
      notifications.show({ message: t("saved.done", { name: visible(name, 60) }), autoClose: 2500 });
      onClose();
    },
  });
  const body = {
    name: name.trim(),
    q: scope.q,
    filters: scope.filters ?? [],
    columns: writeColumns(columns),
    from: scope.from,
    to: scope.to,
    by,
    shared,
  };
  return (
    <Modal opened onClose={onClose} title={t("saved.save")}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (body.name !== "") save.mutate({ body });
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t("saved.name")}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
            maxLength={200}
            required
            data-autofocus
          />
          <Checkbox label={t("saved.share")} checked={shared} onChange={(e) => setShared(e.currentTarget.checked)} />
          {save.error && <ErrorState problem={save.error} small />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("close")}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={body.name === ""}>
              {t("saved.do")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Open({ onClose }: SavedProps) {
  const { t } = useTranslation("explore");
  const me = useMe();
  const [typed, setTyped] = useState("");
  const { data, error, refetch } = useApi("GET /saved-searches", {}, { staleTime: 0 });
  const remove = useAction("DELETE /saved-searches/{id}", { refresh: ["GET /saved-searches"] });
  const wanted = typed.trim().toLowerCase();
  const items = data?.items.filter((s) => `${s.name} ${s.q}`.toLowerCase().includes(wanted));
  const open = (s: SavedSearch) => {
    onClose();
    go(savedLink(s, fromApi(s.filters ?? [])));
  };
  return (
    <Modal opened onClose={onClose} title={t("saved.open")} size="lg">
      {error ? (
        <ErrorState problem={error} retry={refetch} small />
      ) : !items ? (
        <Loading rows={4} />
      ) : data!.items.length === 0 ? (
        <EmptyState icon={IconBookmark} title={t("saved.none")} text={t("saved.noneText")} />
      ) : (
        <>
          <TextInput
            leftSection={<IconSearch size={14} />}
            placeholder={t("saved.find")}
            aria-label={t("saved.find")}
            value={typed}
            onChange={(e) => setTyped(e.currentTarget.value)}
            mb="xs"
            data-autofocus
          />
          <ul className={classes.list}>
            {items.map((s) => (
              <li key={s.id}>
                <UnstyledButton className={classes.item} onClick={() => open(s)} data-saved={s.name}>
                  <b>{visible(s.name, 120)}</b>
                  <code className="y-mono y-cut">
                    {visible(
                      [
                        s.q || "*",
                        ...(s.filters ?? []).map((f) => `${f.op?.includes("not") ? "−" : "+"}${f.field}`),
                      ].join("  "),
                      200,
                    )}
                  </code>
                  <span className="y-dim">
                    {`${s.from} – ${s.to}`}
                    {s.shared && (
                      <>
                        {" · "}
                        <IconUsers size={12} aria-hidden />{" "}
                        {s.owner && s.owner !== me?.name
                          ? t("saved.of", { name: visible(s.owner, 60) })
                          : t("saved.shared")}
                      </>
                    )}
                  </span>
                </UnstyledButton>
                {(!s.owner || me?.open || s.owner === me?.name || me?.role === "admin") && (
                  <ActionIcon
                    aria-label={t("saved.delete", { name: visible(s.name, 60) })}
                    onClick={() => remove.mutate({ path: { id: s.id } })}
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {remove.error && <ErrorState problem={remove.error} small />}
    </Modal>
  );
}
