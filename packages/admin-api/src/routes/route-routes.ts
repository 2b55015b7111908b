import {
  planSchema,
  routeCreateSchema,
  routeListSchema,
  routePatchSchema,
  routeSchema,
  routeTestRequestSchema,
} from '@proxycast/console-api';
import { InvalidRequestError, type RouteRecord } from '@proxycast/spec';
import type { AdminApiPorts } from '../admin-api-ports.ts';
import { ADMIN_BASE_PATH } from '../admin-paths.ts';
import { type AdminRoute, defineRoute, NO_ANSWER, NO_FIELDS } from '../admin-route.ts';
import { notFound } from '../not-found.ts';
import { renderRoute } from '../render-route.ts';
import { plainParams } from './id-params.ts';

const DEFAULT_SORT_ORDER = 100;

export function createRouteRoutes(
  ports: Pick<AdminApiPorts, 'routes' | 'now' | 'newId' | 'explainPlan' | 'outputProtocols'>,
): readonly AdminRoute[] {
  const { routes, now, newId } = ports;
  const collection = `${ADMIN_BASE_PATH}/routes`;
  const tag = 'route';

  function checkOutput(output: string | null | undefined): void {
    const known = ['native', ...ports.outputProtocols];
    if (typeof output !== 'string' || known.includes(output)) return;
    throw new InvalidRequestError({ message: `output is one of: ${known.join(', ')}.`, field: 'output' });
  }

  return [
    defineRoute({
      method: 'GET',
      path: collection,
      operationId: 'listRoutes',
      tag,
      summary: 'All routes.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'In the order they are tried.', schema: routeListSchema },
      faults: [],
      async handle() {
        return { items: (await routes.list()).map(renderRoute), next_cursor: null };
      },
    }),
    defineRoute({
      method: 'POST',
      path: collection,
      operationId: 'createRoute',
      tag,
      summary: 'Add a route or an alias.',
      changesConfig: true,
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: routeCreateSchema,
      answer: { status: 201, description: 'The route.', schema: routeSchema },
      faults: [],
      async handle({ body }) {
        checkOutput(body.output);
        const createdAt = now();
        const record: RouteRecord = {
          id: newId(),
          pattern: body.pattern,
          targets: body.targets,
          sortOrder: body.sort_order ?? DEFAULT_SORT_ORDER,
          enabled: body.enabled ?? true,
          ...(body.default_parameters ? { defaultParameters: body.default_parameters } : {}),
          ...(body.output ? { output: body.output } : {}),
          createdAt,
          updatedAt: createdAt,
        };
        await routes.insert(record);
        return renderRoute(record);
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${collection}/test`,
      operationId: 'testRoute',
      tag,
      summary: 'Which attempts a model name leads to, and why. Nothing is sent.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: routeTestRequestSchema,
      answer: { status: 200, description: 'The plan; no attempts when nothing serves the model.', schema: planSchema },
      faults: [],
      async handle({ body }) {
        const plan = await ports.explainPlan({ model: body.model, protocol: body.protocol });
        return {
          model: body.model,
          protocol: body.protocol,
          attempts: plan.attempts.map(({ providerId, upstreamModel, protocol, reason }) => ({
            provider_id: providerId,
            upstream_model: upstreamModel,
            protocol,
            reason,
          })),
          reasons: [...plan.reasons],
        };
      },
    }),
    defineRoute({
      method: 'PATCH',
      path: `${collection}/{id}`,
      operationId: 'changeRoute',
      tag,
      summary: 'Change a route.',
      changesConfig: true,
      params: plainParams,
      query: NO_FIELDS,
      body: routePatchSchema,
      answer: { status: 200, description: 'The changed route.', schema: routeSchema },
      faults: [404],
      async handle({ params, body }) {
        checkOutput(body.output);
        const changed = await routes.update(
          params.id,
          {
            ...(body.pattern === undefined ? {} : { pattern: body.pattern }),
            ...(body.targets === undefined ? {} : { targets: body.targets }),
            ...(body.sort_order === undefined ? {} : { sortOrder: body.sort_order }),
            ...(body.enabled === undefined ? {} : { enabled: body.enabled }),
            ...(body.default_parameters === undefined ? {} : { defaultParameters: body.default_parameters }),
            ...(body.output === undefined ? {} : { output: body.output }),
          },
          now(),
        );
        if (changed === undefined) throw notFound(tag);
        return renderRoute(changed);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: `${collection}/{id}`,
      operationId: 'deleteRoute',
      tag,
      summary: 'Delete a route.',
      changesConfig: true,
      params: plainParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 204, description: 'It is gone.', schema: NO_ANSWER },
      faults: [404],
      async handle({ params }) {
        if (!(await routes.delete(params.id))) throw notFound(tag);
        return undefined;
      },
    }),
  ];
}
