import { SegmentedControl, Select, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Lang, queryClient, useAction } from "@/api";
import { useMe } from "@/app/session";
import { language, setLanguage } from "@/i18n";
import { browserZone, writeTime } from "@/state";
import { Panel } from "@/ui";
import { zoneName } from "@/ui/TimePicker";
import classes from "./Settings.module.css";

/** Profile is how the pages look for this person: language, theme, zone. */
export function Profile() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const save = useAction("PATCH /me", { onSuccess: (next) => next && queryClient.setQueryData(["GET /me", {}], next) });
  if (!me) return null;
  const remember = (body: { lang?: Lang; theme?: string; zone?: string }) => {
    if (!me.open) save.mutate({ body });
  };
  const kept = localStorage.getItem("yagura.zone") ?? "browser";
  const zone = me.open ? kept : me.zone || "browser";
  const common = ["Asia/Tokyo", "UTC"];
  const zones = [
    { value: "browser", label: t("profile.browser", { zone: zoneName(browserZone()) }) },
    ...common.map((z) => ({ value: z, label: z })),
    ...Intl.supportedValuesOf("timeZone")
      .filter((z) => !common.includes(z))
      .map((z) => ({ value: z, label: z })),
  ];
  const setZone = (z: string | null) => {
    if (!z) return;
    localStorage.setItem("yagura.zone", z);
    if (me.open) queryClient.invalidateQueries({ queryKey: ["GET /me"] });
    else remember({ zone: z === "browser" ? browserZone() : z });
  };
  return (
    <Panel title={t("parts.profile")}>
      <dl className={classes.form}>
        <dt>{t("profile.name")}</dt>
        <dd>{me.open ? t("profile.nobody") : `${me.name} (${t(`common:role.${me.role}`)})`}</dd>
        <dt id="lang">{t("common:language")}</dt>
        <dd>
          <SegmentedControl
            aria-labelledby="lang"
            value={language()}
            data={[
              { value: "en", label: "English" },
              { value: "ja", label: "日本語" },
            ]}
            onChange={(l) => {
              setLanguage(l as Lang);
              remember({ lang: l as Lang });
            }}
          />
        </dd>
        <dt id="theme">{t("common:theme.label")}</dt>
        <dd>
          <SegmentedControl
            aria-labelledby="theme"
            value={colorScheme}
            data={(["light", "dark", "auto"] as const).map((v) => ({ value: v, label: t(`common:theme.${v}`) }))}
            onChange={(v) => {
              setColorScheme(v as "light");
              remember({ theme: v === "auto" ? "" : v });
            }}
          />
        </dd>
        <dt>{t("profile.zone")}</dt>
        <dd>
          <Select
            aria-label={t("profile.zone")}
            searchable
            value={zones.some((z) => z.value === zone) ? zone : "browser"}
            data={zones}
            limit={60}
            onChange={setZone}
            w={280}
            description={t("profile.zoneNow", {
              time: writeTime(Math.floor(Date.now() / 60_000) * 60_000, zone === "browser" ? browserZone() : zone),
            })}
            inputWrapperOrder={["input", "description"]}
          />
        </dd>
      </dl>
    </Panel>
  );
}
