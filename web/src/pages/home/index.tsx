import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [{ path: "/", load: () => import("./HomePage"), title: "home:title" }];
