import { Button, Checkbox, Group, Modal, NumberInput, Progress, SegmentedControl, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { apiFile, type Problem, problemOf, type Scope } from "@/api";
import { language } from "@/i18n";
import { download, ErrorState } from "@/ui";
import { bytes } from "@/ui/format";
import { textColumn, timeColumn, typeColumn } from "@/views/columns";

type Format = "csv" | "ndjson" | "json";

/** Names of the table's own columns as an export knows them. */
const names: Record<string, string> = {
  [timeColumn]: "@timestamp",
  [typeColumn]: "event.module",
  [textColumn]: "yagura.sentence",
};

/** Export writes all that a search finds into a file, with progress; closing or "cancel" ends the work. */
export default function Export({
  scope,
  columns,
  table,
  onClose,
}: {
  scope: Scope;
  columns: string[];
  table: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("explore");
  const [format, setFormat] = useState<Format>("csv");
  const [bom, setBom] = useState(language() === "ja");
  const [which, setWhich] = useState<"shown" | "all">("shown");
  const [limit, setLimit] = useState<number | string>(10_000);
  const [got, setGot] = useState<number>();
  const [problem, setProblem] = useState<Problem>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const run = async () => {
    const abort = new AbortController();
    running.current = abort;
    setProblem(undefined);
    setGot(0);
    const fields =
      table || which === "all" ? undefined : columns.flatMap((c) => (c === textColumn ? [] : [names[c] ?? c]));
    try {
      const body = { ...scope, format, bom: format === "csv" && bom, limit: Number(limit) || undefined, fields };
      const file = await apiFile("POST /export", { body }, setGot, { signal: abort.signal });
      download(file.name ?? `yagura.${format}`, file.content);
      onClose();
    } catch (e) {
      if (abort.signal.aborted) return;
      setProblem(problemOf(e));
    }
    setGot(undefined);
  };
  const cancel = () => {
    running.current?.abort();
    setGot(undefined);
  };
  return (
    <Modal opened onClose={onClose} title={t("export.label")} size="md">
      <Stack gap="sm">
        <SegmentedControl
          value={format}
          onChange={(v) => setFormat(v as Format)}
          data={[
            { value: "csv", label: "CSV" },
            { value: "ndjson", label: "NDJSON" },
            { value: "json", label: "JSON" },
          ]}
          aria-label={t("export.format")}
        />
        {!table && (
          <SegmentedControl
            value={which}
            onChange={(v) => setWhich(v as "shown" | "all")}
            data={[
              { value: "shown", label: t("export.shown") },
              { value: "all", label: t("export.all") },
            ]}
            aria-label={t("export.fields")}
          />
        )}
        {!table && (
          <NumberInput
            label={t("export.limit")}
            value={limit}
            onChange={setLimit}
            min={1}
            max={10_000_000}
            step={1000}
            thousandSeparator=","
            size="xs"
          />
        )}
        {format === "csv" && (
          <Checkbox
            checked={bom}
            onChange={(e) => setBom(e.currentTarget.checked)}
            label={t("export.bom")}
            description={t("export.bomText")}
          />
        )}
        {format === "csv" && (
          <Text size="xs" c="dimmed">
            {t("export.guard")}
          </Text>
        )}
        {got !== undefined && (
          <div role="status">
            <Progress value={100} animated aria-label={t("export.running")} />
            <Text size="xs" mt={4}>
              {t("export.got", { size: bytes(got) })}
            </Text>
          </div>
        )}
        {problem && <ErrorState problem={problem} small />}
        <Group justify="flex-end" gap="xs">
          {got !== undefined ? (
            <Button variant="default" onClick={cancel}>
              {t("query.cancel")}
            </Button>
          ) : (
            <>
              <Button variant="default" onClick={onClose}>
                {t("close")}
              </Button>
              <Button onClick={run}>{t("export.run")}</Button>
            </>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
