import { z } from 'zod';
import { OPEN_API_PATH } from '../admin-paths.ts';
import { type AdminRoute, defineRoute, NO_FIELDS } from '../admin-route.ts';
import { renderOpenApi } from '../render-open-api.ts';

/** Describes all routes, itself included. */
export function createOpenApiRoute(routes: () => readonly AdminRoute[], version: string): AdminRoute {
  return defineRoute({
    method: 'GET',
    path: OPEN_API_PATH,
    operationId: 'getOpenApi',
    tag: 'description',
    summary: 'This document.',
    params: NO_FIELDS,
    query: NO_FIELDS,
    body: NO_FIELDS,
    answer: { status: 200, description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) },
    faults: [],
    async handle() {
      return renderOpenApi(routes(), version);
    },
  });
}
