import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [
  { path: "/rules", load: () => import("./RulesPage"), title: "rules:title" },
  { path: "/rules/new", load: () => import("./EditorPage"), title: "rules:new" },
  { path: "/rules/$id", load: () => import("./RulePage"), title: "rules:title", range: true },
  { path: "/rules/$id/edit", load: () => import("./EditorPage"), title: "rules:edit" },
];
