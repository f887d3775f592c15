import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [
  { path: "/dashboards", load: () => import("./DashboardsPage"), title: "dashboards:title", range: true },
];
