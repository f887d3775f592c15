import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [
  { path: "/alerts", load: () => import("./AlertsPage"), title: "alerts:title" },
  { path: "/alerts/$id", load: () => import("./AlertPage"), title: "alerts:title" },
];
