import { Button } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Scope, YEvent } from "@/api";
import { type Topic, useStream, useStreamState } from "@/state";
import { EmptyState } from "@/ui";
import { num } from "@/ui/format";
import { visible } from "@/ui/visible";
import { EventTable } from "@/views/EventTable";
import { stagesAt } from "@/views/query/tokens";
import classes from "./Tail.module.css";

/** How many events are held; older ones fall off. */
const most = 2000;

interface Batch {
  events: YEvent[];
  skipped: number;
}

/** Tail shows events as they arrive, newest first. It waits while the reader has scrolled away from the top. */
export function Tail({
  scope,
  zone,
  columns,
  onColumns,
  onStop,
}: {
  scope: Scope;
  zone: string;
  columns: string[];
  onColumns: (columns: string[]) => void;
  onStop: () => void;
}) {
  const { t } = useTranslation("explore");
  const [shown, setShown] = useState<YEvent[]>([]);
  const [waiting, setWaiting] = useState<YEvent[]>([]);
  const [skipped, setSkipped] = useState(0);
  const [paused, setPaused] = useState(false);
  const [problem, setProblem] = useState<string>();
  const arrivals = useRef<{ at: number; n: number }[]>([]);
  const [rate, setRate] = useState(0);
  const away = useRef(false);
  const list = useRef<HTMLDivElement>(null);
  const state = useStreamState();
  const cut = stagesAt(scope.q);
  const topic: Topic = { topic: "tail", q: cut < 0 ? scope.q : scope.q.slice(0, cut).trim(), filters: scope.filters };
  const text = JSON.stringify(topic);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another question begins anew
  useEffect(() => {
    setShown([]);
    setWaiting([]);
    setSkipped(0);
    setProblem(undefined);
  }, [text]);

  useStream([topic], {
    tail: (b: Batch) => {
      if (b.skipped > 0) setSkipped((n) => n + b.skipped);
      if (b.events.length === 0) return;
      arrivals.current.push({ at: Date.now(), n: b.events.length + b.skipped });
      const newest = b.events.toReversed();
      if (paused || away.current) setWaiting((w) => [...newest, ...w].slice(0, most));
      else setShown((s) => join(newest, s));
    },
    problem: (p: { topic: string; problem: { detail?: string } }) =>
      p.topic === "tail" && setProblem(p.problem.detail ?? ""),
  });

  useEffect(() => {
    const timer = setInterval(() => {
      const since = Date.now() - 10_000;
      arrivals.current = arrivals.current.filter((a) => a.at > since);
      setRate(arrivals.current.reduce((n, a) => n + a.n, 0) / 10);
    }, 1000);
    return () => clearInterval(timer);
  }, []);

  const release = () => {
    setShown((s) => join(waiting, s));
    setWaiting([]);
    setPaused(false);
    away.current = false;
    list.current?.scrollTo({ top: 0 });
  };
  return (
    <>
      <div className={classes.bar} role="status">
        <span className={classes.dot} data-state={paused ? "paused" : state} aria-hidden />
        <b>{paused ? t("tail.paused") : t(`tail.${state}`)}</b>
        <span className="y-dim">{t("tail.rate", { rate: num(rate) })}</span>
        {skipped > 0 && (
          <span className={classes.skipped}>{t("tail.skipped", { count: skipped, shown: num(skipped) })}</span>
        )}
        {problem !== undefined && <span className={classes.skipped}>{visible(problem, 300)}</span>}
        <span className={classes.buttons}>
          <Button
            variant="default"
            leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
            onClick={() => (paused ? release() : setPaused(true))}
          >
            {t(paused ? "tail.resume" : "tail.pause")}
          </Button>
          <Button variant="default" leftSection={<IconPlayerStop size={14} />} onClick={onStop}>
            {t("tail.stop")}
          </Button>
        </span>
      </div>
      <div className={classes.list}>
        {waiting.length > 0 && (
          <Button className={classes.fresh} radius="xl" size="compact-sm" onClick={release}>
            {t("tail.new", { count: waiting.length, shown: num(waiting.length) })}
          </Button>
        )}
        {shown.length === 0 ? (
          <EmptyState icon={IconPlayerPlay} title={t("tail.waiting")} text={t("tail.waitingText")} />
        ) : (
          <EventTable
            events={shown}
            columns={columns}
            onColumns={onColumns}
            zone={zone}
            label={t("tail.label")}
            keys
            scroller={list}
            onScroll={(top) => {
              away.current = top > 40;
              if (!away.current && !paused && waiting.length > 0) release();
            }}
          />
        )}
      </div>
    </>
  );
}

function join(newest: YEvent[], old: YEvent[]): YEvent[] {
  const seen = new Set(newest.map((e) => e.id));
  return [...newest, ...old.filter((e) => !seen.has(e.id))].slice(0, most);
}
