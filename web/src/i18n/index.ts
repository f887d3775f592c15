import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Lang } from "@/api";

/** Texts stand in src/i18n/<lang>/<area>.json; the area is the namespace. Only the language in use is loaded. */
const load = {
  en: () => import("./en"),
  ja: () => import("./ja"),
};

export const languages: Lang[] = ["en", "ja"];

export function startLanguage(): Lang {
  const kept = localStorage.getItem("yagura.lang");
  if (kept === "en" || kept === "ja") return kept;
  return navigator.language.startsWith("ja") ? "ja" : "en";
}

async function addTexts(lang: Lang): Promise<void> {
  const { texts } = await load[lang]();
  for (const [area, content] of texts) i18next.addResourceBundle(lang, area, content, true, true);
}

/** startTexts loads the texts before the first paint of the app. */
export async function startTexts(lang = startLanguage()): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: lang,
    fallbackLng: false,
    resources: {},
    partialBundledLanguages: true,
    ns: ["common"],
    defaultNS: "common",
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await addTexts(lang);
  document.documentElement.lang = lang;
}

/** setLanguage changes the language of the page at once and remembers it in this browser. */
export async function setLanguage(lang: Lang): Promise<void> {
  await addTexts(lang);
  localStorage.setItem("yagura.lang", lang);
  document.documentElement.lang = lang;
  await i18next.changeLanguage(lang);
}

export function language(): Lang {
  return i18next.language === "ja" ? "ja" : "en";
}

/** pick chooses the text of the language in use from a pair as the API gives it: `pick(rule, "title")`. */
export function pick<T extends string>(from: { [K in `${T}_en` | `${T}_ja`]?: string }, name: T): string {
  const o = from as Record<string, string | undefined>;
  return o[`${name}_${language()}`] || o[`${name}_en`] || "";
}
