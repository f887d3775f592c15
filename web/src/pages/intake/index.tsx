import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [{ path: "/intake", load: () => import("./IntakePage"), title: "intake:title" }];
