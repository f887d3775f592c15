import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  useParams,
} from "@tanstack/react-router";
import { parseSearch, stringifySearch } from "@/state/url";
import { Loading } from "@/ui/Loading";
import { areas } from "./areas";
import { NotFound, PageError } from "./errors";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Outlet, notFoundComponent: () => <NotFound bare /> });
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const pages = areas.map((area) =>
  createRoute({
    getParentRoute: (): typeof root => (area.bare ? root : (shell as unknown as typeof root)),
    path: area.path,
    component: lazyRouteComponent(area.load),
  }),
);
const missing = createRoute({ getParentRoute: () => shell, path: "$", component: NotFound });

const bare = pages.filter((_, i) => areas[i]!.bare);
const framed = pages.filter((_, i) => !areas[i]!.bare);

export const router = createRouter({
  // biome-ignore lint/suspicious/noExplicitAny: the pages are data, so their addresses are not known to the types
  routeTree: root.addChildren([shell.addChildren([...framed, missing] as any), ...bare] as any),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: PageError,
  scrollRestoration: true,
});

/** useRouteParams gives the parameters of the page's address: `const { id } = useRouteParams()`. */
export function useRouteParams(): Record<string, string | undefined> {
  return useParams({ strict: false }) as Record<string, string | undefined>;
}

/** go opens an address of the app as a step of the back button. */
export function go(to: string, options: { replace?: boolean } = {}): void {
  if (options.replace) router.history.replace(to);
  else router.history.push(to);
}
