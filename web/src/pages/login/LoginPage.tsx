import { Alert, Button, PasswordInput, TextInput, useMantineColorScheme } from "@mantine/core";
import { IconAlertTriangle, IconClock } from "@tabler/icons-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Me, type Problem, queryClient, useAction } from "@/api";
import { setCsrf } from "@/api/client";
import { go } from "@/app/router";
import { language, languages, setLanguage } from "@/i18n";
import { flag, text, useUrlState } from "@/state";
import { Logo } from "@/ui/Logo";
import { inside } from "./inside";
import classes from "./Login.module.css";

const spec = { back: text(), expired: flag() };

function message(t: (key: string, values?: Record<string, unknown>) => string, p: Problem): string {
  if (p.offline) return t("offline");
  if (p.status === 429) return t("slow", { n: p.retryAfter ?? 30 });
  if (p.status === 401 || p.status === 403) return t("wrong");
  return p.detail || p.title;
}

/** LoginPage signs in and goes back to where the person was. */
export default function LoginPage() {
  const { t } = useTranslation("login");
  const [{ back, expired }] = useUrlState(spec);
  const { setColorScheme } = useMantineColorScheme();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [left, setLeft] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const login = useAction("POST /login", {
    onSuccess: (me: Me) => {
      queryClient.clear();
      setCsrf(me.csrf);
      queryClient.setQueryData(["GET /me", {}], me);
      if (me.lang && me.lang !== language()) setLanguage(me.lang);
      if (me.theme) setColorScheme(me.theme);
      go(inside(back), { replace: true });
    },
    onError: (p) => {
      setPassword("");
      setLeft(p.status === 429 ? (p.retryAfter ?? 30) : 0);
      field.current?.focus();
    },
  });
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (name && password) login.mutate({ body: { name: name.trim(), password } });
  };
  const names = { en: "English", ja: "日本語" };
  return (
    <main className={classes.page}>
      <title>{`${t("title")} · Yagura`}</title>
      <div className={classes.box}>
        <div className={classes.brand}>
          <Logo size={44} />
          <h1>Yagura</h1>
        </div>
        {expired && !login.error && (
          <Alert color="yellow" icon={<IconClock size={16} />} mb="sm">
            {t("expired")}
          </Alert>
        )}
        {login.error && (
          <Alert color="red" icon={<IconAlertTriangle size={16} />} mb="sm" role="alert">
            {message(t as never, login.error)}
          </Alert>
        )}
        <form onSubmit={submit}>
          <TextInput
            size="sm"
            label={t("name")}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            withAsterisk={false}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
          />
          <PasswordInput
            ref={field}
            size="sm"
            mt="sm"
            label={t("password")}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(e) => setPassword(e.currentTarget.value)}
            visibilityToggleButtonProps={{ "aria-label": t("show") }}
          />
          <Button type="submit" size="sm" fullWidth mt="md" loading={login.isPending} disabled={left > 0}>
            {left > 0 ? t("wait", { n: left }) : t("submit")}
          </Button>
        </form>
        <p className={classes.help}>{t("help")}</p>
      </div>
      <div className={classes.languages}>
        {languages.map((l) => (
          <button key={l} type="button" lang={l} aria-pressed={l === language()} onClick={() => setLanguage(l)}>
            {names[l]}
          </button>
        ))}
      </div>
    </main>
  );
}
