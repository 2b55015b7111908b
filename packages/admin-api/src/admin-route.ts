import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Identity } from './authenticate.ts';
import { notFound } from './not-found.ts';
import { parseFields } from './parse-fields.ts';

export const ADMIN_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type AdminMethod = (typeof ADMIN_METHODS)[number];

/** A request as it reaches a route: who asks is settled, nothing is parsed. */
export interface RawRequest {
  readonly incoming: IncomingMessage;
  /** Absent only on a route whose `auth` is `none`. */
  readonly identity: Identity | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  setHeader(name: string, value: string): void;
}

/** One route as data: the router and the OpenAPI document both come from it. */
export interface AdminRoute {
  readonly method: AdminMethod;
  /** Absolute, with `{name}` for a parameter. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly auth: 'identity' | 'none';
  /** Whether `onConfigChanged` is awaited before the answer. */
  readonly changesConfig: boolean;
  readonly hasBody: boolean;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType;
  readonly answer: { readonly status: number; readonly description: string; readonly schema: z.ZodType };
  /** Statuses of faults besides those every route has. */
  readonly faults: readonly number[];
  /** The body of the answer; `undefined` for none. */
  run(request: RawRequest): Promise<unknown>;
}

export interface RouteInput<Params, Query, Body> extends Omit<RawRequest, 'params' | 'query' | 'body'> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
}

/** For a route that takes none, or answers with none. */
export const NO_FIELDS = z.strictObject({});
export const NO_ANSWER = z.undefined();

interface RouteDefinition<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends Omit<AdminRoute, 'params' | 'query' | 'body' | 'answer' | 'run' | 'auth' | 'changesConfig' | 'hasBody'> {
  readonly auth?: 'identity' | 'none';
  readonly changesConfig?: boolean;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly answer: { readonly status: number; readonly description: string; readonly schema: Answer };
  handle(input: RouteInput<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<z.input<Answer>>;
}

export function defineRoute<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>({ handle, ...definition }: RouteDefinition<Params, Query, Body, Answer>): AdminRoute {
  return {
    auth: 'identity',
    changesConfig: false,
    hasBody: definition.method !== 'GET' && definition.method !== 'DELETE',
    ...definition,
    async run(request) {
      const params = definition.params.safeParse(request.params);
      // An id that no row can have: the same answer as for one that no row has.
      if (!params.success) throw notFound(definition.tag);
      return handle({
        ...request,
        params: params.data,
        query: parseFields(definition.query, request.query),
        body: parseFields(definition.body, request.body),
      });
    },
  };
}
