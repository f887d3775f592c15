import type { ComponentType } from "react";
import { routes as alerts } from "@/pages/alerts";
import { routes as dashboards } from "@/pages/dashboards";
import { routes as entity } from "@/pages/entity";
import { routes as explore } from "@/pages/explore";
import { routes as help } from "@/pages/help";
import { routes as home } from "@/pages/home";
import { routes as intake } from "@/pages/intake";
import { routes as login } from "@/pages/login";
import { routes as rules } from "@/pages/rules";
import { routes as settings } from "@/pages/settings";

/** A page: its address, its code (loaded when first shown), what the shell shows around it. */
export interface AreaRoute {
  /** TanStack path: "/dashboards", "/dashboards/$id", "/entity/$kind". */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
  /** i18n key of the page title with its namespace: "explore:title". */
  title: string;
  /** The page uses the time range: the top bar shows the picker. */
  range?: boolean;
  /** Without navigation and top bar (login). */
  bare?: boolean;
}

export const areas: AreaRoute[] = [
  ...home,
  ...login,
  ...explore,
  ...dashboards,
  ...alerts,
  ...rules,
  ...intake,
  ...entity,
  ...settings,
  ...help,
];
