import { Button, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi } from "@/api";
import { useCan } from "@/app/session";
import { pick } from "@/i18n";
import { href } from "@/state";
import { text, useUrlState } from "@/state/useUrlState";
import { EmptyState, ErrorState, Go, Loading, Page, Tag } from "@/ui";
import { visible } from "@/ui/format";
import classes from "./Board.module.css";
import type { BoardCard } from "./endpoints";
import { NewBoard } from "./NewBoard";
import { Preview } from "./Preview";

const spec = { q: text(""), tag: text("") };

/** DashboardsPage lists the dashboards: shipped ones, one's own, and broken files with what is wrong. */
export default function DashboardsPage() {
  const { t } = useTranslation("dashboards");
  const [{ q, tag }, set] = useUrlState(spec);
  const { data, error, refetch } = useApi("GET /dashboards");
  const may = useCan("dashboards.save");
  const [adding, setAdding] = useState(false);
  const find = q.trim().toLowerCase();
  const items = (data?.items ?? []).filter(
    (d) =>
      (!tag || d.tags.includes(tag)) &&
      (!find ||
        [d.id, d.title_en, d.title_ja, d.description_en, d.description_ja, ...d.tags].some((x) =>
          x.toLowerCase().includes(find),
        )),
  );
  const tags = [...new Set((data?.items ?? []).flatMap((d) => d.tags))].sort();
  return (
    <Page
      title={t("title")}
      subtitle={t("list.subtitle")}
      actions={
        may && (
          <Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
            {t("list.new")}
          </Button>
        )
      }
    >
      <div className={classes.find}>
        <TextInput
          w={280}
          leftSection={<IconSearch size={14} />}
          placeholder={t("list.find")}
          aria-label={t("list.find")}
          value={q}
          onChange={(e) => set({ q: e.currentTarget.value }, { replace: true })}
        />
        <div className={classes.tags} role="group" aria-label={t("list.tags")}>
          {tags.map((x) => (
            <button key={x} type="button" aria-pressed={tag === x} onClick={() => set({ tag: tag === x ? "" : x })}>
              {x}
            </button>
          ))}
        </div>
      </div>
      {error ? (
        <ErrorState problem={error} retry={refetch} />
      ) : !data ? (
        <Loading height={320} />
      ) : items.length === 0 ? (
        <EmptyState title={t("list.nothing")} text={t("list.nothingText")}>
          <Button variant="default" onClick={() => set({ q: "", tag: "" })}>
            {t("list.all")}
          </Button>
        </EmptyState>
      ) : (
        <ul className={classes.cards}>
          {items.map((d) => (
            <Card key={d.id} card={d} />
          ))}
        </ul>
      )}
      {adding && <NewBoard taken={(data?.items ?? []).map((d) => d.id)} onClose={() => setAdding(false)} />}
    </Page>
  );
}

function Card({ card }: { card: BoardCard }) {
  const { t } = useTranslation("dashboards");
  const to = href(`/dashboards/${card.id}`);
  return (
    <li className={`y-panel ${classes.card}`} data-board={card.id} data-broken={card.problem ? true : undefined}>
      <Preview id={card.id} broken={Boolean(card.problem)} />
      <div className={classes.cardText}>
        <h2>
          <Go to={to}>{visible(pick(card, "title") || card.id, 200)}</Go>
        </h2>
        {card.problem ? (
          <div className={classes.fault}>
            <IconAlertTriangle size={15} aria-hidden />
            <div>
              <div>{t("problem.at", { line: card.problem.line, column: card.problem.column })}</div>
              <div>{visible(card.problem.message, 400)}</div>
              {card.problem.hint && <div className="y-dim">{visible(card.problem.hint, 400)}</div>}
            </div>
          </div>
        ) : (
          <p>{visible(pick(card, "description"), 400)}</p>
        )}
      </div>
      <div className={classes.cardFoot}>
        {card.tags.map((x) => (
          <Tag key={x}>{x}</Tag>
        ))}
        <span className={classes.cardOrigin}>
          {t(card.replaces ? "list.replaces" : card.origin === "user" ? "list.own" : "list.builtin")} ·{" "}
          {t("list.panels", { count: card.panels })}
        </span>
      </div>
    </li>
  );
}
