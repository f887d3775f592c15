export { api, apiFile, apiStream, base, url } from "./client";
export type { Answer, Endpoints, Input, Key } from "./endpoints";
export { Problem, problemOf, queryClient, useAction, useApi } from "./hooks";
export type * from "./types";
