import { type Me, type Permission, useApi } from "@/api";
import { setCsrf } from "@/api/client";

/** useMe is who is signed in; undefined while it is not known. */
export function useMe(): Me | undefined {
  const { data } = useApi("GET /me", {}, { staleTime: 60_000 });
  if (data) setCsrf(data.csrf);
  return data;
}

/** useCan says whether the user may do something: `useCan("rules.save")`. */
export function useCan(permission: Permission): boolean {
  const me = useMe();
  return me?.permissions.includes(permission) ?? false;
}
