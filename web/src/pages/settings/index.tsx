import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [
  { path: "/settings", load: () => import("./SettingsPage"), title: "settings:title" },
];
