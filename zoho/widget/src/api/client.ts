// The API in its own types, which are generated of docs/openapi.json. Nothing is ever sent twice here: what a customer
// feels may have happened although no answer came.

import type { components, paths } from "santral-api";
import type { Host } from "../host/host.ts";
import type { Language } from "../words/language.ts";
import { refusalIn, refusalWithout } from "./refusal.ts";

export type Schemas = components["schemas"];
export type Call = Schemas["Call"];

type Method = "get" | "post" | "patch" | "delete";
type Operation<R extends keyof paths, M extends Method> = Exclude<paths[R][M], undefined>;
export type RouteOf<M extends Method> = {
  [R in keyof paths]: [Operation<R, M>] extends [never] ? never : R;
}[keyof paths];

type Json<Content> = Content extends { content: { "application/json": infer Body } } ? Body : never;
type Part<O, Name extends string> = O extends { parameters: infer P }
  ? Name extends keyof P
    ? P[Name]
    : never
  : never;
type BodyOf<O> = O extends { requestBody: infer Body }
  ? Json<Body>
  : O extends { requestBody?: infer Body }
    ? Json<NonNullable<Body>> | undefined
    : never;
type Good<O> = O extends { responses: infer Responses } ? Responses[keyof Responses & (200 | 201 | 202)] : never;
export type AnswerOf<R extends keyof paths, M extends Method> = [Json<Good<Operation<R, M>>>] extends [never]
  ? null
  : Json<Good<Operation<R, M>>>;

type Given<Name extends string, Value> = [NonNullable<Value>] extends [never]
  ? unknown
  : undefined extends Value
    ? { [N in Name]?: NonNullable<Value> }
    : { [N in Name]: Value };
export type Options<R extends keyof paths, M extends Method> = { as?: "admin" } & Given<
  "path",
  Part<Operation<R, M>, "path">
> &
  Given<"query", Part<Operation<R, M>, "query"> | undefined> &
  Given<"body", BodyOf<Operation<R, M>>>;

type Ask<M extends Method> = <R extends RouteOf<M>>(
  route: R,
  ...options: {} extends Options<R, M> ? [Options<R, M>?] : [Options<R, M>]
) => Promise<AnswerOf<R, M>>;

/** Each asks one route and returns the body of its 2xx answer, or throws a `Refusal`. */
export interface Api {
  get: Ask<"get">;
  post: Ask<"post">;
  patch: Ask<"patch">;
  delete: Ask<"delete">;
}

interface AnyOptions {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  as?: "admin";
}

export function apiOf(host: Host, language: Language): Api {
  const asking =
    (method: string) =>
    async (route: string, { path = {}, query = {}, body, as }: AnyOptions = {}): Promise<unknown> => {
      const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
      const told = await host
        .send({
          method,
          path: route.replace(/\{(\w+)\}/g, (_, name: string) => escaped(path[name] ?? "")),
          query: Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
          body,
          as,
          language,
        })
        .catch((cause: unknown) => {
          throw refusalWithout(cause, language);
        });
      if (told.status < 200 || told.status > 299) throw refusalIn(told, language);
      return told.body;
    };
  return { get: asking("GET"), post: asking("POST"), patch: asking("PATCH"), delete: asking("DELETE") } as Api;
}

// The colon of a call's id may stand as it is in a path, and is easier to read in a log.
const escaped = (text: string): string => encodeURIComponent(text).replace(/%3A/g, ":");
