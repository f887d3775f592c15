import "@mantine/core/styles.layer.css";
import "@mantine/dates/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "@mantine/spotlight/styles.layer.css";
import "./theme/tokens.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { startTexts } from "./i18n";

// After an update of the server the files of the old page are gone: load the new page, once.
window.addEventListener("vite:preloadError", (e) => {
  const last = Number(sessionStorage.getItem("yagura.reloaded") ?? 0);
  if (Date.now() - last < 60_000) return;
  sessionStorage.setItem("yagura.reloaded", String(Date.now()));
  e.preventDefault();
  location.reload();
});

await startTexts();
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
