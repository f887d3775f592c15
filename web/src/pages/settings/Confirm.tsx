import { Button, Group, Popover, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** Confirm is a button that asks once more before it does something that cannot be undone. */
export function Confirm({ label, question, run }: { label: string; question: string; run: () => void }) {
  const { t } = useTranslation("settings");
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} trapFocus position="bottom-end" width={260}>
      <Popover.Target>
        <Button variant="default" size="compact-xs" onClick={() => setOpen(true)}>
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm">{question}</Text>
        <Group justify="flex-end" mt="xs" gap="xs">
          <Button variant="default" size="compact-xs" onClick={() => setOpen(false)}>
            {t("cancel")}
          </Button>
          <Button
            color="red"
            size="compact-xs"
            data-autofocus
            onClick={() => {
              setOpen(false);
              run();
            }}
          >
            {label}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
