import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [
  { path: "/entity/$kind", load: () => import("./EntityPage"), title: "entity:title", range: true },
];
