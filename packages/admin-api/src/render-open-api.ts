import { NAMED_ANSWERS, NAMED_BODIES } from '@proxycast/console-api';
import { z } from 'zod';
import type { AdminRoute } from './admin-route.ts';

type JsonObject = Record<string, unknown>;

/** What any route can answer besides its own faults. */
const COMMON_FAULTS = [400, 401, 403, 413, 429, 500] as const;

const FAULT_DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is not as described here; `field` names what is wrong.',
  401: 'No identity, or a wrong one.',
  403: 'A host or an origin that may not ask, or a missing CSRF token.',
  404: 'There is no such row.',
  409: 'It would contradict what is there; the message says the way out.',
  413: 'The body is larger than 1 MiB.',
  429: 'Too many wrong tokens; wait as `Retry-After` says.',
  500: 'ProxyCast failed; its log has the reason.',
  502: 'The provider refused or could not be reached.',
  503: 'Whoever has to do it does not run now.',
  504: 'The provider did not answer in time.',
};

/** The OpenAPI 3.1 document of the routes; its schemas are those that parse the requests. */
export function renderOpenApi(routes: readonly AdminRoute[], version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: renderOperation(route) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'ProxyCast admin API',
      version,
      description:
        'Manages a ProxyCast. A request proves who it is by a bearer token, or by a session cookie; with a cookie, every request that changes something also sends x-csrf-token.',
    },
    servers: [{ url: '/' }],
    security: [{ adminToken: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        adminToken: { type: 'http', scheme: 'bearer', description: 'The admin token.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'proxycast_session_{port}',
          description: 'Opened with POST /api/admin/v1/session.',
        },
        csrfToken: {
          type: 'apiKey',
          in: 'header',
          name: 'x-csrf-token',
          description: 'csrf_token of the session; needed beside the cookie by whatever changes something.',
        },
      },
      responses: Object.fromEntries(
        Object.entries(FAULT_DESCRIPTIONS).map(([status, description]) => [`Fault${status}`, renderFault(description)]),
      ),
      schemas: { ...renderSchemas(NAMED_BODIES, 'input'), ...renderSchemas(NAMED_ANSWERS, 'output') },
    },
  };
}

function renderOperation(route: AdminRoute): JsonObject {
  const faults = [...new Set([...COMMON_FAULTS, ...route.faults])].sort((left, right) => left - right);
  const body = route.hasBody ? refTo(NAMED_BODIES, route.body) : undefined;
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    security: securityOf(route),
    parameters: [...renderParameters(route.params, 'path'), ...renderParameters(route.query, 'query')],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      [route.answer.status]: {
        description: route.answer.description,
        ...(route.answer.status === 204
          ? {}
          : { content: { 'application/json': { schema: refTo(NAMED_ANSWERS, route.answer.schema) ?? {} } } }),
      },
      ...Object.fromEntries(faults.map((status) => [status, { $ref: `#/components/responses/Fault${status}` }])),
    },
  };
}

function securityOf(route: AdminRoute): readonly JsonObject[] {
  if (route.auth === 'none') return [];
  return [{ adminToken: [] }, route.method === 'GET' ? { session: [] } : { session: [], csrfToken: [] }];
}

function renderParameters(fields: z.ZodObject, place: 'path' | 'query'): readonly JsonObject[] {
  return Object.entries(fields.shape).map(([name, field]) => {
    const { $schema: _, ...schema } = z.toJSONSchema(field, { io: 'input' });
    return { name, in: place, required: place === 'path', schema };
  });
}

function renderFault(description: string): JsonObject {
  return {
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function refTo(named: Readonly<Record<string, z.ZodType>>, schema: z.ZodType): JsonObject | undefined {
  const name = Object.keys(named).find((candidate) => named[candidate] === schema);
  return name === undefined ? undefined : { $ref: `#/components/schemas/${name}` };
}

function renderSchemas(named: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): JsonObject {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}
