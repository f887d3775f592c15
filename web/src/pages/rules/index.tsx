import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [{ path: "/rules", load: () => import("./RulesPage"), title: "rules:title" }];
