import { useTranslation } from "react-i18next";
import type { FreshList, Home } from "@/api";
import { go } from "@/app/router";
import { exploreUrl } from "@/state";
import { cell, country, Go, num, useFilterTarget, valueProps } from "@/ui";
import classes from "./Home.module.css";

function List({ name, list }: { name: "countries" | "users" | "asns"; list: FreshList }) {
  const { t } = useTranslation("home");
  return (
    <section>
      <h3 className={classes.freshTitle}>
        {t(`fresh.${name}`)}
        {list.values.length > 0 && (
          <Go to={exploreUrl({ q: list.where, from: "now/d", to: "now/d" })}>{t("fresh.open")}</Go>
        )}
      </h3>
      {list.values.length === 0 ? (
        <div className="y-dim">{t("fresh.none")}</div>
      ) : (
        <ul className={classes.fresh}>
          {list.values.map((v) => (
            <li key={String(v.value)}>
              <span className={classes.freshValue} {...valueProps(list.field, v.value)}>
                {name === "countries" ? country(String(v.value)) : cell(v.value)}
              </span>
              <span className="y-num y-dim">{num(v.count)}</span>
            </li>
          ))}
          {list.more && <li className="y-dim">{t("fresh.more")}</li>}
        </ul>
      )}
    </section>
  );
}

/** Fresh lists what was seen today and not in the seven days before. */
export function Fresh({ fresh }: { fresh: Home["fresh"] }) {
  useFilterTarget((field, value, mode) =>
    go(exploreUrl({ filters: [{ field, value, negate: mode === "out" }], from: "now/d", to: "now/d" })),
  );
  return (
    <div className={classes.freshGrid}>
      <List name="countries" list={fresh.countries} />
      <List name="users" list={fresh.users} />
      <List name="asns" list={fresh.asns} />
    </div>
  );
}
