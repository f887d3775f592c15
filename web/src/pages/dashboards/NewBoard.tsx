import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/api";
import { go } from "@/app/router";
import { ErrorState } from "@/ui";
import classes from "./Board.module.css";

/** idOf makes a name of a file from a title. */
export function idOf(title: string, taken: string[]): string {
  const base =
    title
      .normalize("NFKD")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 40) || "board";
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!taken.includes(id)) return id;
  }
}

/** NewBoard asks for a title and a file name, saves a first panel, and opens it for editing. */
export function NewBoard({ taken, onClose }: { taken: string[]; onClose: () => void }) {
  const { t } = useTranslation("dashboards");
  const [title, setTitle] = useState("");
  const [name, setName] = useState<string>();
  const save = useAction("PUT /dashboards/{id}", {
    refresh: ["GET /dashboards"],
    onSuccess: (f) => go(`/dashboards/${f.id}?edit=1`),
  });
  const id = name ?? idOf(title, taken);
  const wrong = !/^[a-z0-9][a-z0-9-]{0,60}$/.test(id) ? t("new.badName") : taken.includes(id) ? t("new.taken") : "";
  const make = () =>
    save.mutate({
      path: { id },
      body: {
        dashboard: {
          title: { en: title || id, ja: title || id },
          panels: [
            {
              id: "events",
              title: { en: "Events", ja: "イベント数" },
              view: "number",
              size: { w: 3, h: 3 },
              query: "| stats count() as n",
              options: { trend: true },
            },
            {
              id: "over-time",
              title: { en: "Events over time", ja: "イベント数の推移" },
              view: "bar",
              size: { w: 9, h: 6 },
              query: "| stats count() as n by bucket(auto), event.module",
              options: { stacked: true },
            },
          ],
        },
      },
    });
  return (
    <Modal closeButtonProps={{ "aria-label": t("common:close") }} opened onClose={onClose} title={t("list.new")}>
      <form
        className={classes.form}
        onSubmit={(e) => {
          e.preventDefault();
          if (!wrong) make();
        }}
      >
        <TextInput
          data-autofocus
          label={t("new.title")}
          value={title}
          maxLength={100}
          onChange={(e) => setTitle(e.currentTarget.value)}
        />
        <TextInput
          label={t("new.file")}
          description={`content/dashboards/${id}.yaml`}
          value={id}
          error={title || name ? wrong : ""}
          onChange={(e) => setName(e.currentTarget.value)}
        />
        {save.error && <ErrorState small problem={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={wrong !== "" || title === ""}>
          {t("new.make")}
        </Button>
      </form>
    </Modal>
  );
}
