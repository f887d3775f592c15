import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [
  { path: "/explore", load: () => import("./ExplorePage"), title: "explore:title", range: true },
];
