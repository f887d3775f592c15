import { ActionIcon, Alert, Tooltip } from "@mantine/core";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconX } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, problemOf, queryClient, type Scope, useApi, type Value, type YEvent } from "@/api";
import { useCommands } from "@/app/commands";
import { go } from "@/app/router";
import { language, pick } from "@/i18n";
import { type FilterMode, refreshAll, useFilters, useRange, useUrlState, withFilter } from "@/state";
import { ErrorState, FilterPills, Page, useFilterTarget, useLate } from "@/ui";
import { visible } from "@/ui/visible";
import { EventDetail } from "@/views/EventDetail";
import { FieldSidebar } from "@/views/FieldSidebar";
import { QueryBar, type QueryBarHandle, type QueryFault } from "@/views/query/QueryBar";
import { Consent } from "./Consent";
import { EventResults } from "./EventResults";
import classes from "./ExplorePage.module.css";
import { Overview } from "./Overview";
import { QueryHelp } from "./QueryHelp";
import { chooseColumns, columnsFor, spec } from "./state";
import { TableResults } from "./TableResults";
import { Tail } from "./Tail";
import { RunButton, Toolbar } from "./Toolbar";
import { useEvents } from "./useEvents";

/** Explore: a question, what it finds over time, its fields, its events. Everything stands in the address. */
export default function ExplorePage() {
  const { t } = useTranslation("explore");
  const [url, set] = useUrlState(spec);
  const range = useRange();
  const filters = useFilters();
  const bar = useRef<QueryBarHandle>(null);
  const [asked, setAsked] = useState<string>();
  const [side, setSide] = useLocalStorage({
    key: "yagura.explore.side",
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  const narrow = useMediaQuery("(width < 62em)", false, { getInitialValueInEffect: false });
  const [drawer, setDrawer] = useState(false);
  useShortLink(url.link);

  const { q } = url;
  const scope: Scope = useMemo(() => ({ q, filters: filters.api, ...range.scope }), [q, filters.api, range.scope]);
  const id = JSON.stringify(scope);
  const yes = asked === id;
  const live = url.live === "1";
  const found = useEvents(scope, url.order, yes, !live);
  const dear = found.problem?.type === "urn:yagura:problem:too-dear";
  // An opened event belongs to its search: another search does not carry it along.
  const before = useRef({ id, open: url.open });
  useEffect(() => {
    const was = before.current;
    before.current = { id, open: url.open };
    if (was.id !== id && url.open !== "" && was.open === url.open) set({ open: "" }, { replace: true });
  }, [id, url.open, set]);
  const slow = useLate(found.busy);
  const columns = useMemo(() => columnsFor(url.cols, found.events), [url.cols, found.events]);
  const onColumns = useCallback(
    (next: string[]) => set({ cols: chooseColumns(next, found.events) }),
    [set, found.events],
  );

  const fieldsOn = narrow ? drawer : side;
  const fields = useApi(
    "POST /fields",
    { body: scope },
    { enabled: fieldsOn && !found.busy && !found.problem && (live || found.answer !== undefined) },
  );
  const dictionary = useDictionary();

  const onFilter = useCallback(
    (field: string, value: Value, mode: FilterMode) =>
      filters.setFilters(withFilter(filters.filters, field, value, mode)),
    [filters.setFilters, filters.filters],
  );
  useFilterTarget(onFilter);

  const run = (text: string) => {
    if (text === q) refreshAll();
    else set({ q: text, open: "", view: "table" });
  };
  const cancel = () => {
    for (const key of ["POST /query", "POST /histogram", "POST /fields", "POST /fields/values"])
      queryClient.cancelQueries({ queryKey: [key] });
  };
  useCommands([
    { id: "query", title: t("keys.query"), keys: "/", group: "page", run: () => bar.current?.focus() },
    {
      id: "fields",
      title: t("keys.fields"),
      keys: "f",
      group: "page",
      run: () => (narrow ? setDrawer(!drawer) : setSide(!side)),
    },
    {
      id: "live",
      title: t(live ? "tail.stop" : "tail.start"),
      keys: "l",
      group: "page",
      run: () => set({ live: live ? "" : "1" }),
    },
  ]);

  const p = found.problem;
  const fault: QueryFault | undefined = useMemo(
    () => (p?.status === 400 ? { message: p.detail || p.title, hint: p.hint, ...p.position } : undefined),
    [p],
  );
  const sideOpen = fieldsOn;
  const main = (
    <div className={classes.main}>
      {found.answer?.warnings.map((w) => (
        <Alert key={w} color="yellow" variant="light" className={classes.warning} p={6}>
          {visible(w, 400)}
        </Alert>
      ))}
      {live ? (
        <Tail
          scope={scope}
          zone={range.zone}
          columns={columns}
          onColumns={onColumns}
          onStop={() => set({ live: "" })}
        />
      ) : dear ? (
        <Consent scope={scope} onYes={() => setAsked(id)} onNarrow={range.set} />
      ) : (
        <>
          <Overview
            scope={scope}
            found={found}
            yes={yes}
            by={url.by}
            compare={url.cmp}
            onBy={(by) => set({ by })}
            onCompare={(cmp) => set({ cmp })}
            onZoom={range.setMs}
            onZoomOut={range.zoomOut}
            onSeries={(key, mode) => onFilter(url.by, key, mode)}
            titleOf={dictionary}
          />
          <Pinned
            open={url.open}
            events={found.events}
            ready={found.answer !== undefined && !found.stale}
            zone={range.zone}
            onClose={() => set({ open: "" }, { replace: true })}
          />
          <section className={classes.results} aria-busy={found.busy}>
            {p && !(fault && found.answer) ? (
              <ErrorState problem={p} retry={found.again} />
            ) : found.answer?.kind === "table" ? (
              <TableResults
                scope={scope}
                answer={found.answer}
                stale={found.stale && slow}
                view={url.view}
                onView={(view) => set({ view })}
              />
            ) : (
              <EventResults
                scope={scope}
                found={found}
                slow={slow}
                zone={range.zone}
                columns={columns}
                onColumns={onColumns}
                order={url.order}
                onOrder={(order) => set({ order })}
                open={url.open}
                onOpen={(open) => set({ open: open ?? "" }, { replace: true })}
                titleOf={dictionary}
              />
            )}
          </section>
        </>
      )}
    </div>
  );
  return (
    <Page title={t("title")} flush hideTitle>
      <div className={classes.top}>
        <div className={classes.line}>
          <Tooltip label={t(sideOpen ? "fields.hide" : "fields.show")}>
            <ActionIcon
              size={34}
              variant="default"
              aria-label={t(sideOpen ? "fields.hide" : "fields.show")}
              aria-expanded={sideOpen}
              onClick={() => (narrow ? setDrawer(!drawer) : setSide(!side))}
            >
              {sideOpen ? <IconLayoutSidebarLeftCollapse size={17} /> : <IconLayoutSidebarLeftExpand size={17} />}
            </ActionIcon>
          </Tooltip>
          <QueryBar
            ref={bar}
            value={q}
            onRun={run}
            fault={fault}
            label={t("query.label")}
            placeholder={t("query.placeholder")}
            complete={(text, position, signal) =>
              api(
                "POST /complete",
                { body: { text, position, from: range.from, to: range.to, lang: language() } },
                { signal },
              )
            }
            check={async (text, signal) => {
              const c = await api("POST /check", { body: { q: text } }, { signal });
              return c.ok ? undefined : c.error;
            }}
          >
            <QueryHelp onPick={(text) => bar.current?.write(text)} />
          </QueryBar>
          <RunButton busy={slow} onRun={() => run(bar.current?.read().trim() ?? q)} onCancel={cancel} />
          <Toolbar
            scope={scope}
            found={found}
            columns={columns}
            live={live}
            onLive={() => set({ live: live ? "" : "1" })}
            by={url.by}
          />
        </div>
        <FilterPills {...filters} />
      </div>
      <div className={classes.body} data-side={sideOpen || undefined}>
        {sideOpen && (
          <aside className={classes.side}>
            {narrow && (
              <ActionIcon className={classes.close} onClick={() => setDrawer(false)} aria-label={t("fields.hide")}>
                <IconX size={16} />
              </ActionIcon>
            )}
            <FieldSidebar
              fields={fields.data?.items ?? (p ? [] : undefined)}
              sampled={
                fields.data?.sampled && fields.data.sampled.events < fields.data.total
                  ? fields.data.sampled.events
                  : undefined
              }
              columns={columns}
              onColumns={onColumns}
              scope={scope}
              yes={yes}
              stale={fields.isPlaceholderData}
              onFilter={onFilter}
              onExists={(field, exists) =>
                filters.setFilters([
                  ...filters.filters.filter((f) => f.field !== field || f.value !== undefined),
                  { field, negate: !exists },
                ])
              }
              onBy={(by) => set({ by })}
            />
          </aside>
        )}
        {main}
      </div>
    </Page>
  );
}

/** A link to a long state: what the server kept is opened instead. */
function useShortLink(id: string) {
  useEffect(() => {
    if (id === "") return;
    api("GET /links/{id}", { path: { id } }).then(
      ({ url }) => url.startsWith("/") && !url.startsWith("//") && go(url, { replace: true }),
      () => {},
    );
  }, [id]);
}

/** Titles of fields for tooltips. */
function useDictionary(): (field: string) => string | undefined {
  const { data } = useApi("GET /fields/dictionary", {}, { staleTime: Infinity });
  const byName = useMemo(() => new Map(data?.items.map((f) => [f.name, f])), [data]);
  return useCallback(
    (name) => {
      const f = byName.get(name);
      return f && pick(f as { title_en?: string; title_ja?: string }, "title");
    },
    [byName],
  );
}

/** The event named by the address, when it is not among the events shown. */
function Pinned({
  open,
  events,
  ready,
  zone,
  onClose,
}: {
  open: string;
  events: YEvent[];
  ready: boolean;
  zone: string;
  onClose: () => void;
}) {
  const { t } = useTranslation("explore");
  const [first] = useState(open);
  const wanted = first !== "" && open === first && ready && !events.some((e) => e.id === first);
  const { data, error } = useApi("GET /events/{id}", { path: { id: first } }, { enabled: wanted, staleTime: Infinity });
  if (!wanted || (!data && !error)) return null;
  return (
    <section className={classes.pinned} aria-label={t("pinned.label")}>
      <ActionIcon className={classes.close} onClick={onClose} aria-label={t("pinned.close")}>
        <IconX size={16} />
      </ActionIcon>
      {data ? <EventDetail event={data} zone={zone} /> : <ErrorState problem={problemOf(error)} small />}
    </section>
  );
}
