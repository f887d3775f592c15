import type { AreaRoute } from "@/app/areas";

const load = () => import("./SettingsPage");

export const routes: AreaRoute[] = [
  { path: "/settings", load, title: "settings:title" },
  { path: "/settings/$part", load, title: "settings:title" },
];
