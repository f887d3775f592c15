import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [
  { path: "/login", load: () => import("./LoginPage"), title: "login:title", bare: true },
];
