import { Tabs } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { queryClient, useApi } from "@/api";
import { oneOf, text, useStream, useUrlState } from "@/state";
import { ErrorState, Loading, num, Page } from "@/ui";
import "./endpoints";
import classes from "./Intake.module.css";
import { Objects } from "./Objects";
import { Quarantine } from "./Quarantine";
import { Sources } from "./Sources";
import { Stored } from "./Stored";

const tabs = ["sources", "objects", "quarantine", "storage"] as const;
const spec = { tab: oneOf(["", ...tabs], ""), source: text(), state: text() };

/** Intake is what comes in, what did not, and where it lies. */
export default function IntakePage() {
  const { t } = useTranslation("intake");
  const [url, set] = useUrlState(spec);
  const { data, error, refetch } = useApi("GET /intake", {}, { every: 10_000 });
  useStream([{ topic: "intake" }], { intake: () => queryClient.invalidateQueries({ queryKey: ["GET /intake"] }) });
  // A source or a state in the address, as links from Home have, is about objects.
  const tab = url.tab || (url.source || url.state ? "objects" : "sources");
  return (
    <Page title={t("title")} subtitle={t("subtitle")}>
      {data?.paused && (
        <div className={classes.paused} role="alert">
          {t("paused", { why: data.paused })}
        </div>
      )}
      <Tabs
        className={classes.area}
        value={tab}
        keepMounted={false}
        onChange={(v) => v && set({ tab: v as (typeof tabs)[number], source: "", state: "" })}
      >
        <Tabs.List mb="md">
          {tabs.map((k) => (
            <Tabs.Tab
              key={k}
              value={k}
              rightSection={
                k === "quarantine" && data && data.quarantined > 0 ? (
                  <span className={classes.badge}>{num(data.quarantined)}</span>
                ) : undefined
              }
            >
              {t(`tabs.${k}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="sources">
          {error && !data && <ErrorState problem={error} retry={() => refetch()} />}
          {!data && !error && <Loading rows={8} />}
          {data && <Sources intake={data} />}
        </Tabs.Panel>
        <Tabs.Panel value="objects">
          <Objects sources={data?.sources.map((s) => s.name) ?? []} />
        </Tabs.Panel>
        <Tabs.Panel value="quarantine">
          <Quarantine />
        </Tabs.Panel>
        <Tabs.Panel value="storage">
          <Stored />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
