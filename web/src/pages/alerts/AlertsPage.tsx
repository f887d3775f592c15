import { Button, CloseButton, Select, TextInput } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconCheck, IconCircleCheck, IconFilter, IconRotate, IconSearch, IconUser, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/app/commands";
import { go } from "@/app/router";
import { useCan } from "@/app/session";
import { useUrlState } from "@/state";
import { EmptyState, ErrorState, Go, Loading, num, Page, Panel, useFilterTarget, visible } from "@/ui";
import { AlertRows, alertUrl } from "./AlertRows";
import classes from "./Alerts.module.css";
import { AssignDialog, CloseDialog } from "./Dialogs";
import { Facets } from "./Facets";
import { sorts, spec } from "./state";
import { useAct } from "./useAct";
import { useAlerts } from "./useAlerts";
import { useRaised } from "./useRaised";

/** Alerts is the inbox: what the rules found, narrowed by facets and words, worked through with the keyboard. */
export default function AlertsPage() {
  const { t } = useTranslation("alerts");
  const [url, set] = useUrlState(spec);
  const list = useAlerts(url);
  const { alerts } = list;
  const may = useCan("alerts.act");
  const [current, setCurrent] = useState(-1);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [closing, closeDialog] = useDisclosure(false);
  const [assigning, assignDialog] = useDisclosure(false);
  const [facetsOpen, setFacetsOpen] = useState(false);
  const small = useMediaQuery("(width < 62em)") ?? false;
  const search = useRef<HTMLInputElement>(null);
  const { act, busy } = useAct(() => choose(new Set()));
  useRaised();
  useFilterTarget((field, value) => set({ group: `${field}=${value}` }));

  // Only what is shown can be acted on.
  const ids = alerts.filter((a) => chosen.has(a.id)).map((a) => a.id);
  const at = alerts[current];
  const target = ids.length > 0 ? ids : at ? [at.id] : [];
  const move = (by: number) => setCurrent((i) => Math.min(alerts.length - 1, Math.max(0, i + by)));
  const toggle = () => {
    if (!at) return;
    const next = new Set(chosen);
    if (!next.delete(at.id)) next.add(at.id);
    choose(next);
  };
  useCommands([
    { id: "inbox j", title: t("keys.next"), keys: "j", group: "page", hidden: true, run: () => move(1) },
    { id: "inbox k", title: t("keys.previous"), keys: "k", group: "page", hidden: true, run: () => move(-1) },
    { id: "inbox x", title: t("keys.choose"), keys: "x", group: "page", hidden: true, run: toggle },
    {
      id: "inbox o",
      title: t("keys.open"),
      keys: "o",
      group: "page",
      hidden: true,
      run: () => at && go(alertUrl(at.id)),
    },
    {
      id: "inbox Enter",
      title: t("keys.open"),
      keys: "Enter",
      group: "page",
      hidden: true,
      run: () => at && go(alertUrl(at.id)),
    },
    {
      id: "inbox a",
      title: t("act.acknowledge"),
      keys: "a",
      group: "page",
      run: () => target.length > 0 && act({ ids: target, action: "acknowledge" }),
    },
    {
      id: "inbox e",
      title: t("act.close"),
      keys: "e",
      group: "page",
      run: () => target.length > 0 && closeDialog.open(),
    },
    { id: "inbox /", title: t("search"), keys: "/", group: "page", hidden: true, run: () => search.current?.focus() },
  ]);

  const facets = <Facets facets={list.facets} url={url} set={set} />;
  const narrowed = url.severity.length > 0 || url.rule.length > 0 || url.group !== "" || url.q !== "";
  return (
    <Page title={t("title")} subtitle={t("subtitle")}>
      <div className={classes.layout}>
        {!small && <aside aria-label={t("facet.label")}>{facets}</aside>}
        <div className={classes.main}>
          <div className={classes.tools}>
            <SearchBox value={url.q} set={(q) => set({ q }, { replace: true })} inputRef={search} />
            {small && (
              <Button
                variant="default"
                leftSection={<IconFilter size={14} />}
                aria-expanded={facetsOpen}
                onClick={() => setFacetsOpen(!facetsOpen)}
              >
                {t("facet.label")}
              </Button>
            )}
            <Select
              className={classes.sort}
              aria-label={t("sort.label")}
              value={url.sort}
              allowDeselect={false}
              onChange={(v) => v && set({ sort: v as (typeof sorts)[number] })}
              data={sorts.map((s) => ({ value: s, label: t(`sort.${s}`) }))}
            />
          </div>
          {small && facetsOpen && <div className="y-panel">{facets}</div>}
          {url.group !== "" && (
            <div className={classes.pill}>
              <span className="y-dim">{t("about")}</span>
              <bdi className="y-mono y-cut">{visible(url.group, 200)}</bdi>
              <CloseButton size="sm" aria-label={t("aboutClear")} onClick={() => set({ group: "" })} />
            </div>
          )}
          {ids.length > 0 && (
            <div className={classes.bulk} role="toolbar" aria-label={t("bulk.label")}>
              <b aria-live="polite">{t("bulk.chosen", { count: ids.length, shown: num(ids.length) })}</b>
              <Button
                leftSection={<IconCheck size={14} />}
                loading={busy}
                onClick={() => act({ ids, action: "acknowledge" })}
              >
                {t("act.acknowledge")}
              </Button>
              <Button variant="default" leftSection={<IconX size={14} />} onClick={closeDialog.open}>
                {t("act.closeMore")}
              </Button>
              <Button
                variant="default"
                leftSection={<IconRotate size={14} />}
                disabled={busy}
                onClick={() => act({ ids, action: "reopen" })}
              >
                {t("act.reopen")}
              </Button>
              <Button variant="default" leftSection={<IconUser size={14} />} onClick={assignDialog.open}>
                {t("act.assignMore")}
              </Button>
              <Button variant="subtle" onClick={() => choose(new Set())}>
                {t("bulk.none")}
              </Button>
            </div>
          )}
          <Panel pad={false}>
            {list.problem && alerts.length === 0 ? (
              <ErrorState problem={list.problem} retry={list.again} />
            ) : list.loading ? (
              <Loading rows={10} />
            ) : alerts.length === 0 ? (
              narrowed || url.status !== "open" ? (
                <EmptyState icon={IconSearch} title={t("none.found")} text={t("none.foundText")}>
                  <Button component={Go} to="/alerts" variant="default">
                    {t("none.clear")}
                  </Button>
                </EmptyState>
              ) : (
                <EmptyState icon={IconCircleCheck} title={t("none.open")} text={t("none.openText")}>
                  <Button component={Go} to="/rules" variant="default">
                    {t("none.rules")}
                  </Button>
                  <Button component={Go} to="/alerts?status=closed" variant="default">
                    {t("none.closed")}
                  </Button>
                </EmptyState>
              )
            ) : (
              <AlertRows
                alerts={alerts}
                chosen={chosen}
                choose={choose}
                current={current}
                setCurrent={setCurrent}
                stale={list.stale}
              />
            )}
          </Panel>
          {alerts.length > 0 && (
            <div className={classes.foot}>
              <span className="y-dim" role="status">
                {t("shown", { count: alerts.length, shown: num(alerts.length) })}
              </span>
              {list.problem && <span role="alert">{list.problem.detail || list.problem.title}</span>}
              {list.more && (
                <Button variant="default" loading={list.loadingMore} onClick={list.loadMore}>
                  {t("more")}
                </Button>
              )}
              {!may && <span className="y-dim">{t("refused.hint")}</span>}
              <span className={`${classes.keys} y-dim`}>{t("keys.hint")}</span>
            </div>
          )}
        </div>
      </div>
      <CloseDialog ids={target} opened={closing} close={closeDialog.close} busy={busy} act={act} />
      <AssignDialog ids={target} opened={assigning} close={assignDialog.close} busy={busy} act={act} />
    </Page>
  );
}

/** SearchBox writes into the address a moment after typing ended. */
function SearchBox({
  value,
  set,
  inputRef,
}: {
  value: string;
  set: (q: string) => void;
  inputRef: React.RefObject<HTMLInputElement | null>;
}) {
  const { t } = useTranslation("alerts");
  const [typed, setTyped] = useState(value);
  const current = useRef(set);
  current.current = set;
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => current.current(typed), 250);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return (
    <TextInput
      ref={inputRef}
      className={classes.search}
      leftSection={<IconSearch size={14} />}
      placeholder={t("searchHint")}
      aria-label={t("search")}
      value={typed}
      maxLength={500}
      onChange={(e) => setTyped(e.currentTarget.value)}
      onKeyDown={(e) => e.key === "Escape" && e.currentTarget.blur()}
    />
  );
}
