import { Button, Menu, SegmentedControl } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconArrowsVertical,
  IconChevronDown,
  IconCopy,
  IconExternalLink,
  IconLink,
  IconTerminal2,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type EventDetail as Detail, useApi, type YEvent } from "@/api";
import { go } from "@/app/router";
import { entityOf, entityUrl, href, useRange, writeTime } from "@/state";
import { ErrorState, Loading } from "@/ui";
import { AroundList } from "./AroundList";
import { DetailTable } from "./DetailTable";
import classes from "./EventDetail.module.css";
import { jsonOf, quote } from "./eventText";
import { JsonText } from "./JsonText";
import { LongText } from "./LongText";
import { Readable } from "./Readable";
import { plain, visible } from "./visible";

const tabs = ["table", "readable", "json", "raw", "around"] as const;
type Tab = (typeof tabs)[number];
const key = "yagura.detail";

export interface EventDetailProps {
  /** As a list has it; the whole event is asked for. */
  event: YEvent;
  zone: string;
  /** Columns of the list beside it; with onColumns each field can be added to or taken from it. */
  columns?: string[];
  onColumns?: (columns: string[]) => void;
  /** Shown first; default: what this browser chose last. */
  tab?: Tab;
  /** Names of fields to stand out, with a mark and first in the table: what a rule matched. */
  marked?: string[];
}

/** eventUrl leads to one event in Explore, with some minutes around it. */
export function eventUrl(e: YEvent, zone: string, minutes = 5): string {
  const at = Date.parse(e.time);
  return href("/explore", {
    from: writeTime(at - minutes * 60_000, zone),
    to: writeTime(at + minutes * 60_000, zone),
    open: e.id,
  });
}

/** EventDetail is everything about one event: fields with their actions, a readable view, JSON, the raw record, and what happened around it. */
export function EventDetail({ event, zone, columns, onColumns, tab: first, marked }: EventDetailProps) {
  const { t } = useTranslation("explore");
  const [tab, setTab] = useState<Tab>(() => first ?? tabs.find((x) => x === localStorage.getItem(key)) ?? "table");
  const { data, error, refetch } = useApi(
    "GET /events/{id}",
    { path: { id: event.id } },
    { staleTime: Infinity, keep: false },
  );
  const choose = (next: Tab) => {
    setTab(next);
    localStorage.setItem(key, next);
  };
  return (
    <div className={classes.detail} data-event={event.id}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          value={tab}
          onChange={(v) => choose(v as Tab)}
          data={tabs.map((x) => ({ value: x, label: t(`detail.${x}`) }))}
          aria-label={t("detail.views")}
        />
        <Actions event={data ?? event} detail={data} zone={zone} />
      </div>
      {error ? (
        <ErrorState problem={error} retry={refetch} small />
      ) : !data ? (
        <Loading rows={6} />
      ) : (
        <div className={classes.body} data-tab={tab}>
          {tab === "table" && <DetailTable detail={data} columns={columns} onColumns={onColumns} marked={marked} />}
          {tab === "readable" && <Readable detail={data} zone={zone} />}
          {tab === "json" && <JsonText text={jsonOf(data)} />}
          {tab === "raw" && <Raw detail={data} />}
          {tab === "around" && <AroundList detail={data} zone={zone} />}
        </div>
      )}
    </div>
  );
}

function Raw({ detail }: { detail: Detail }) {
  const { t } = useTranslation("explore");
  const o = detail.object;
  const text = detail.raw ?? detail.original ?? "";
  return (
    <>
      <dl className={classes.origin}>
        <dt>{t("detail.source")}</dt>
        <dd>{o.source || "–"}</dd>
        <dt>{t("detail.object")}</dt>
        <dd className="y-mono">{visible([o.bucket, o.key].filter(Boolean).join("/") || o.id)}</dd>
        <dt>{t("detail.offset")}</dt>
        <dd className="y-mono">{`${o.offset} · ${o.index}`}</dd>
      </dl>
      {text === "" ? (
        <p className="y-dim">{t("detail.noRaw")}</p>
      ) : (
        <section className={classes.code} aria-label={t("detail.raw")} tabIndex={0}>
          <LongText text={text} keepLines={detail.raw !== undefined} first={20_000} mono />
        </section>
      )}
      <p className="y-dim">{t("detail.masked")}</p>
    </>
  );
}

function Actions({ event, detail, zone }: { event: YEvent; detail?: Detail; zone: string }) {
  const { t } = useTranslation("explore");
  const range = useRange();
  const copy = (text: string) => {
    const done = () => notifications.show({ message: t("detail.copied"), autoClose: 1500 });
    navigator.clipboard?.writeText(text).then(done, () => {});
  };
  const at = Date.parse(event.time);
  const cli = () =>
    `yagura query ${quote(detail!.where)} --since ${new Date(at - 1000).toISOString()} --until ${new Date(at + 1000).toISOString()} -o json`;
  const entities = Object.entries(event.fields).flatMap(([field, value]) => {
    const kind = entityOf(field);
    return kind && !/^related\./.test(field) && !Array.isArray(value) && value !== null
      ? [{ kind, value: plain(value) }]
      : [];
  });
  const unique = entities
    .filter((e, i) => entities.findIndex((x) => x.kind === e.kind && x.value === e.value) === i)
    .slice(0, 8);
  return (
    <div className={classes.actions}>
      {unique.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button
              variant="default"
              size="compact-xs"
              leftSection={<IconExternalLink size={13} />}
              rightSection={<IconChevronDown size={12} />}
            >
              {t("detail.entity")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {unique.map((e) => (
              <Menu.Item
                key={`${e.kind} ${e.value}`}
                onClick={() => go(entityUrl(e.kind, e.value, { from: range.from, to: range.to }))}
              >
                <span className="y-dim">{t(`kind.${e.kind}`)}</span>{" "}
                <bdi className="y-mono">{visible(e.value, 60)}</bdi>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<IconArrowsVertical size={13} />}
        onClick={() => go(eventUrl(event, zone))}
      >
        {t("detail.open")}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconCopy size={13} />}
            rightSection={<IconChevronDown size={12} />}
          >
            {t("detail.copy")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconCopy size={14} />} onClick={() => copy(jsonOf(event))}>
            {t("detail.copyJson")}
          </Menu.Item>
          <Menu.Item leftSection={<IconLink size={14} />} onClick={() => copy(location.origin + eventUrl(event, zone))}>
            {t("detail.copyLink")}
          </Menu.Item>
          <Menu.Item leftSection={<IconTerminal2 size={14} />} disabled={!detail?.where} onClick={() => copy(cli())}>
            {t("detail.copyCli")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
