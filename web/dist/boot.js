// Runs before the first paint: the colour scheme and the language of the page, so that nothing flashes.
(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const root = document.documentElement;
  const theme = read("yagura.theme");
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  if (location.pathname === "/login") root.setAttribute("data-boot", "bare");
  else if (read("yagura.nav.small") === "true") root.setAttribute("data-boot", "small");
  const lang = read("yagura.lang") || (navigator.language.startsWith("ja") ? "ja" : "en");
  root.lang = lang;
})();
