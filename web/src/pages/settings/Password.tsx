import { Alert, Button, PasswordInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "@/api";
import { go } from "@/app/router";
import { useMe } from "@/app/session";
import { inside } from "@/pages/login/inside";
import { text, useUrlState } from "@/state";
import { ErrorState, Panel } from "@/ui";
import classes from "./Settings.module.css";

const spec = { back: text() };
const least = 12;

/** Password changes one's own password; a new user must do it before anything else. */
export function Password() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const [{ back }] = useUrlState(spec);
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const change = useAction("POST /me/password", {
    refresh: ["GET /me"],
    onSuccess: () => {
      setCurrent("");
      setNext("");
      setAgain("");
      notifications.show({ message: t("password.done"), color: "lantern" });
      if (back) setTimeout(() => go(inside(back), { replace: true }), 300);
    },
  });
  const short = next !== "" && [...next].length < least;
  const differs = again !== "" && next !== again;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!short && next === again && current && next) change.mutate({ body: { current, new: next } });
  };
  const show = { "aria-label": t("login:show") };
  return (
    <Panel title={t("parts.password")}>
      {me?.must_change && (
        <Alert color="yellow" mb="sm">
          {t("password.must")}
        </Alert>
      )}
      <form className={classes.narrow} onSubmit={submit}>
        <input type="text" name="username" autoComplete="username" value={me?.name ?? ""} readOnly hidden />
        <PasswordInput
          label={t("password.current")}
          autoComplete="current-password"
          value={current}
          onChange={(e) => setCurrent(e.currentTarget.value)}
          visibilityToggleButtonProps={show}
        />
        <PasswordInput
          label={t("password.new")}
          description={t("password.rule", { n: least })}
          autoComplete="new-password"
          value={next}
          onChange={(e) => setNext(e.currentTarget.value)}
          error={short ? t("password.short", { n: least }) : undefined}
          visibilityToggleButtonProps={show}
        />
        <PasswordInput
          label={t("password.again")}
          autoComplete="new-password"
          value={again}
          onChange={(e) => setAgain(e.currentTarget.value)}
          error={differs ? t("password.differs") : undefined}
          visibilityToggleButtonProps={show}
        />
        <Button type="submit" loading={change.isPending} disabled={!current || !next || short || next !== again}>
          {t("password.submit")}
        </Button>
      </form>
      {change.error && <ErrorState problem={change.error} small />}
    </Panel>
  );
}
