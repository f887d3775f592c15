import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Scope } from "@/api";
import { Loading } from "@/ui";
import { num } from "@/ui/format";
import { EventTable } from "@/views/EventTable";
import { jsonOf } from "@/views/eventText";
import { Cancelled } from "./Cancelled";
import classes from "./ExplorePage.module.css";
import { NoEvents } from "./NoEvents";
import { mostEvents } from "./state";
import type { Found } from "./useEvents";

export interface EventResultsProps {
  scope: Scope;
  found: Found;
  /** It takes long enough to say so. */
  slow: boolean;
  zone: string;
  columns: string[];
  onColumns: (columns: string[]) => void;
  order: "newest" | "oldest";
  onOrder: (order: "newest" | "oldest") => void;
  open: string;
  onOpen: (id: string | undefined) => void;
  titleOf: (field: string) => string | undefined;
}

/** EventResults is the event table of Explore with its states: waiting, cancelled, nothing found, all loaded. */
export function EventResults({ found, scope, slow, ...rest }: EventResultsProps) {
  const { t } = useTranslation("explore");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  if (found.cancelled) return <Cancelled again={found.again} />;
  if (!found.answer) return <Loading rows={14} />;
  if (found.events.length === 0 && !found.busy) return <NoEvents scope={scope} />;
  const copy = () => {
    const text = found.events
      .filter((e) => chosen.has(e.id))
      .map((e) => JSON.stringify(JSON.parse(jsonOf(e))))
      .join("\n");
    navigator.clipboard?.writeText(`${text}\n`).then(
      () => notifications.show({ message: t("detail.copied"), autoClose: 1500 }),
      () => {},
    );
  };
  const footer = found.moreProblem ? (
    <>
      {t("table.failed")} {found.moreProblem.offline ? "" : found.moreProblem.detail || found.moreProblem.title}{" "}
      <Button
        variant="default"
        size="compact-xs"
        mih={24}
        onClick={found.moreProblem.status === 410 ? found.again : found.loadMore}
      >
        {t("table.again")}
      </Button>
    </>
  ) : found.more ? undefined : found.full ? (
    t("table.full", { most: num(mostEvents) })
  ) : (
    t("table.end", { count: found.events.length, shown: num(found.events.length) })
  );
  return (
    <>
      <EventTable
        {...rest}
        events={found.events}
        label={t("table.label")}
        onMore={found.more ? found.loadMore : undefined}
        loadingMore={found.loadingMore}
        footer={footer}
        stale={found.stale && slow}
        keys
        chosen={chosen}
        onChosen={setChosen}
      />
      {chosen.size > 0 && (
        <div className={classes.chosen} role="status">
          <span>{t("table.chosen", { count: chosen.size })}</span>
          <Button variant="white" size="compact-xs" onClick={copy}>
            {t("detail.copyJson")}
          </Button>
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setChosen(new Set())}>
            {t("table.unchoose")}
          </Button>
        </div>
      )}
    </>
  );
}
