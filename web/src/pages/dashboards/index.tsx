import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [
  { path: "/dashboards", load: () => import("./DashboardsPage"), title: "dashboards:title" },
  { path: "/dashboards/$id", load: () => import("./BoardPage"), title: "dashboards:title", range: true },
];
