import type { Answer, Endpoints, Key } from "./endpoints";
import type { paths } from "./schema";

/**
 * Compares, when types are checked, what the pages believe of an endpoint with what the server declares (docs/api/openapi.json):
 * every declared answer must fit the believed one, every believed body must fit the declared one. Endpoints the description does not have yet are let through.
 */
type Method<K> = K extends `${infer M} ${string}` ? Lowercase<M> : never;
type Path<K> = K extends `${string} ${infer P}` ? P : never;
type Operation<K> =
  Path<K> extends keyof paths ? (Method<K> extends keyof paths[Path<K>] ? paths[Path<K>][Method<K>] : never) : never;
type Json<R> = R extends { content: { "application/json": infer J } } ? J : undefined;
type Good<R> = R extends { 200: infer A }
  ? Json<A>
  : R extends { 201: infer A }
    ? Json<A>
    : R extends { 202: infer A }
      ? Json<A>
      : undefined;
type DeclaredAnswer<K> = Operation<K> extends { responses: infer R } ? Good<R> : never;
type DeclaredBody<K> = Operation<K> extends { requestBody: { content: { "application/json": infer B } } } ? B : unknown;
type BelievedBody<K extends Key> = Endpoints[K] extends { body: infer B } ? B : never;

export type WrongAnswers = {
  [K in Key]: [Operation<K>] extends [never] ? never : DeclaredAnswer<K> extends Answer<K> ? never : K;
}[Key];
export type WrongBodies = {
  [K in Key]: [Operation<K>] extends [never] ? never : [BelievedBody<K>] extends [DeclaredBody<K>] ? never : K;
}[Key];

/** The type checker names the endpoints that differ: "true is not assignable to GET /…". */
export const answersFit: [WrongAnswers] extends [never] ? true : WrongAnswers = true;
export const bodiesFit: [WrongBodies] extends [never] ? true : WrongBodies = true;
