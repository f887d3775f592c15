import { Button, Popover } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useRange } from "@/state";

/** TimePicker (in work). */
export function TimePicker() {
  const r = useRange();
  return (
    <Popover>
      <Popover.Target>
        <Button variant="default" leftSection={<IconClock size={14} />}>{`${r.from} – ${r.to}`}</Button>
      </Popover.Target>
    </Popover>
  );
}
