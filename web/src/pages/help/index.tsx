import type { AreaRoute } from "@/app/areas";

export const routes: AreaRoute[] = [{ path: "/help", load: () => import("./HelpPage"), title: "help:title" }];
