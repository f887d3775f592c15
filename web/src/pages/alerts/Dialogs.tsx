import { Button, Group, Modal, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "@/api";
import { useCan, useMe } from "@/app/session";
import { type Reason, reasons } from "./endpoints";
import type { Act } from "./useAct";

interface DialogProps {
  ids: string[];
  opened: boolean;
  close: () => void;
  busy: boolean;
  act: (a: Act, then?: () => void) => void;
}

/** CloseDialog asks why alerts are closed; Ctrl-Enter is "close". */
export function CloseDialog({ ids, opened, close, busy, act }: DialogProps) {
  const { t } = useTranslation("alerts");
  const [reason, setReason] = useState<Reason>("resolved");
  const [note, setNote] = useState("");
  const send = (e: { preventDefault: () => void }) => {
    e.preventDefault();
    act({ ids, action: "close", reason, note: note.trim() || undefined }, () => {
      setNote("");
      close();
    });
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t("close.title", { count: ids.length })}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <form onSubmit={send} onKeyDown={(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && send(e)}>
        <Stack gap="sm">
          <Radio.Group value={reason} onChange={(v) => setReason(v as Reason)} label={t("close.why")} size="xs">
            <Stack gap={6} mt={6}>
              {reasons.map((r) => (
                <Radio
                  key={r}
                  value={r}
                  size="sm"
                  label={t(`reason.${r}`)}
                  description={t(`reasonText.${r}`)}
                  data-autofocus={r === reason || undefined}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Textarea
            label={t("note")}
            size="xs"
            autosize
            minRows={2}
            maxRows={6}
            maxLength={2000}
            value={note}
            onChange={(e) => setNote(e.currentTarget.value)}
          />
          <p className="y-dim" style={{ margin: 0 }}>
            {t("close.again")}
          </p>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("act.close")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** AssignDialog gives alerts to somebody: oneself, a user of the list (for those who may see it), or any name. */
export function AssignDialog({ ids, opened, close, busy, act, now }: DialogProps & { now?: string }) {
  const { t } = useTranslation("alerts");
  const me = useMe();
  const sees = useCan("users.manage");
  const users = useApi("GET /users", {}, { enabled: opened && sees && me?.open === false });
  const [name, setName] = useState(now ?? "");
  const send = (e: FormEvent | undefined, assignee: string) => {
    e?.preventDefault();
    act({ ids, action: "assign", assignee: assignee.trim() || undefined }, close);
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t("assign.title", { count: ids.length })}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <form onSubmit={(e) => send(e, name)}>
        <Stack gap="sm">
          <TextInput
            label={t("assign.to")}
            description={t("assign.nobody")}
            value={name}
            maxLength={200}
            list="alert-assignees"
            data-autofocus
            onChange={(e) => setName(e.currentTarget.value)}
          />
          <datalist id="alert-assignees">
            {users.data?.items.map((u) => (
              <option key={u.name} value={u.name} />
            ))}
          </datalist>
          <Group justify="space-between">
            <Button variant="light" disabled={!me || busy} onClick={() => send(undefined, me!.name)}>
              {t("assign.me", { name: me?.name })}
            </Button>
            <Button type="submit" loading={busy}>
              {t("act.assign")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
