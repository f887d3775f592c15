import type { AreaRoute } from "@/app/areas";

const load = () => import("./EntityPage");

/** The address the app writes is /entity/ip?value=192.0.2.1; /entity/ip/192.0.2.1 is for those who type it. */
export const routes: AreaRoute[] = [
  { path: "/entity", load, title: "entity:title" },
  { path: "/entity/$kind", load, title: "entity:title", range: true },
  { path: "/entity/$kind/$", load, title: "entity:title", range: true },
];
