import { useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type EntityKind, useApi } from "@/api";
import { text, useRange, useUrlState } from "@/state";
import { EmptyState, ErrorState, Page, visible } from "@/ui";
import { Answer } from "./Answer";
import "./endpoints";
import classes from "./Entity.module.css";
import { Head } from "./Head";
import { Lookup } from "./Lookup";
import { kindOf } from "./model";
import { Waiting } from "./Waiting";

const spec = { value: text("") };

/** Decodes a part of a path; what is no correct escape stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What the address names: ?value=…, or the rest of the path as it was typed. Both are read from the location: parameters of a route change
 * a moment after the search does, and the old kind would be asked for the new value.
 */
function useNamed(): { kind?: string; value: string } {
  const path = useLocation({ select: (l) => l.pathname });
  const [{ value }] = useUrlState(spec);
  const [kind, ...rest] = path.replace(/^\/entity\/?/, "").split("/");
  return { kind: kind ? decode(kind) : undefined, value: value || decode(rest.join("/")) };
}

/** The page of one address, user, host, account, path or rule: all that the logs know of it. */
export default function EntityPage() {
  const { t } = useTranslation("entity");
  const named = useNamed();
  const kind = kindOf(named.kind);
  if (kind && named.value) return <Entity key={`${kind} ${named.value}`} kind={kind} value={named.value} />;
  return (
    <Page title={t("title")} subtitle={t("lookup.text")}>
      <div className={`y-panel ${classes.lookup}`}>
        {named.kind && !kind && (
          <EmptyState title={t("noKind", { kind: visible(named.kind, 60) })} text={t("noKindText")} />
        )}
        <Lookup kind={kind} value={named.value} />
      </div>
    </Page>
  );
}

function Entity({ kind, value }: { kind: EntityKind; value: string }) {
  const { t } = useTranslation("entity");
  const range = useRange();
  const { data, error, refetch, isPlaceholderData } = useApi("GET /entities/{kind}/{value}", {
    path: { kind, value: "-" },
    query: { value, ...range.scope },
  });
  return (
    <Page title={`${t(`kind.${kind}`)} ${visible(value, 200)}`} hideTitle>
      <Head kind={kind} value={value} data={data} />
      {error && !data && (
        <div className="y-panel">
          <ErrorState problem={error} retry={error.status === 422 ? undefined : () => refetch()} />
          {error.status === 422 && <Lookup kind={kind} value={value} />}
        </div>
      )}
      {error && data && <ErrorState problem={error} retry={() => refetch()} small />}
      {!data && !error && <Waiting />}
      {data && <Answer kind={kind} data={data} stale={isPlaceholderData} />}
    </Page>
  );
}
