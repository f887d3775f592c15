import type * as T from "./types";

/** Ok is an answer without content. */
export type Ok = undefined;
type Id = { id: string };

/**
 * Every endpoint: what it takes (path parameters, query parameters, body) and what it answers.
 * Paths are below /api/v1. Areas add theirs here or in a file of their own by declaration merging:
 * `declare module "@/api/endpoints" { interface Endpoints { "GET /rules": { answer: … } } }`.
 */
export interface Endpoints {
  "GET /me": { answer: T.Me };
  "PATCH /me": { body: { lang?: T.Lang; theme?: string; zone?: string }; answer: T.Me };
  "POST /login": { body: { name: string; password: string }; answer: T.Me };
  "POST /logout": { answer: Ok };
  "POST /me/password": { body: { current: string; new: string }; answer: T.Me };
  "GET /users": { answer: T.List<T.User> };
  "POST /users": { body: { name: string; role: T.Role; password: string; must_change?: boolean }; answer: T.User };
  "PATCH /users/{name}": {
    path: { name: string };
    body: { role?: T.Role; password?: string; disabled?: boolean; must_change?: boolean };
    answer: T.User;
  };
  "DELETE /users/{name}": { path: { name: string }; answer: Ok };
  "GET /sessions": { answer: T.List<T.Session> };
  "DELETE /sessions/{id}": { path: Id; answer: Ok };
  "GET /tokens": { answer: T.List<T.Token> };
  "POST /tokens": {
    body: { name: string; scopes: string[]; days?: number };
    answer: { token: T.Token; secret: string };
  };
  "DELETE /tokens/{id}": { path: Id; answer: Ok };
  "GET /audit": {
    query: { from?: string; to?: string; who?: string; action?: string; cursor?: string };
    answer: T.List<T.AuditRow>;
  };

  "POST /query": { body: T.QueryRequest; answer: T.QueryAnswer };
  "POST /histogram": { body: T.HistogramRequest; answer: T.Histogram };
  "POST /fields": {
    body: T.Scope;
    answer: { total: number; items: T.FieldInfo[]; sampled?: { from: string; events: number }; stats: T.Stats };
  };
  "POST /fields/values": {
    body: T.Scope & { field: string; limit?: number; prefix?: string; contains?: string; yes?: boolean };
    answer: T.FieldValues;
  };
  "POST /complete": {
    body: { text: string; position: number; from?: string; to?: string; lang?: T.Lang };
    answer: T.Completion;
  };
  "POST /check": { body: { q: string }; answer: T.Checked };
  "GET /events/{id}": { path: Id; answer: T.EventDetail };
  "GET /events/{id}/around": {
    path: Id;
    query: { before?: number; after?: number; same?: string };
    answer: { before: T.YEvent[]; after: T.YEvent[] };
  };
  "POST /estimate": { body: T.Scope; answer: { parts: number; rows: number; bytes: number; consent: boolean } };
  "GET /fields/dictionary": { answer: { items: T.FieldDefinition[] } };
  "GET /types": { answer: { items: T.LogType[] } };

  "GET /home": { query: { zone?: string }; answer: T.Home };

  "GET /saved-searches": { answer: T.List<T.SavedSearch> };
  "POST /saved-searches": { body: T.SavedSearchBody; answer: T.SavedSearch };
  "PUT /saved-searches/{id}": { path: Id; body: T.SavedSearchBody; answer: T.SavedSearch };
  "DELETE /saved-searches/{id}": { path: Id; answer: Ok };
  "POST /links": { body: { url: string }; answer: Id };
  "GET /links/{id}": { path: Id; answer: { url: string } };

  "GET /alerts": {
    query: {
      status?: string;
      severity?: string;
      rule?: string;
      /** field=value or a value: what the alert is about. */
      group?: string;
      q?: string;
      cursor?: string;
      sort?: string;
      limit?: number;
    };
    answer: T.AlertList;
  };
  "GET /alerts/{id}": { path: Id; query: { zone?: string }; answer: T.AlertDetail };
  "GET /jobs/{id}": { path: Id; answer: T.Job };
  "DELETE /jobs/{id}": { path: Id; answer: Ok };
}

export type Key = keyof Endpoints;
export type Answer<K extends Key> = Endpoints[K]["answer"];
type Part<K extends Key, P extends string> = Endpoints[K] extends Record<P, infer V> ? Record<P, V> : unknown;

/** Input is what a call of the endpoint must be given: {path?, query?, body?}. */
export type Input<K extends Key> = Part<K, "path"> & Part<K, "query"> & Part<K, "body">;
