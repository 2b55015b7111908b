import { attemptListSchema, requestQuerySchema, requestSchema } from '@proxycast/console-api';
import { parseClientKeyId, parseProviderId, parseRequestId } from '@proxycast/spec';
import type { AdminApiPorts } from '../admin-api-ports.ts';
import { ADMIN_BASE_PATH } from '../admin-paths.ts';
import { type AdminRoute, defineRoute, NO_FIELDS } from '../admin-route.ts';
import { notFound } from '../not-found.ts';
import { renderAttempt } from '../render-attempt.ts';
import { plainParams } from './id-params.ts';

/** More than any plan has. */
const MAX_ATTEMPTS = 500;

export function createRequestRoutes({ ledger }: Pick<AdminApiPorts, 'ledger'>): readonly AdminRoute[] {
  const collection = `${ADMIN_BASE_PATH}/requests`;
  const tag = 'request';

  return [
    defineRoute({
      method: 'GET',
      path: collection,
      operationId: 'listRequests',
      tag,
      summary: 'The ledger: one row per attempt, newest first.',
      params: NO_FIELDS,
      query: requestQuerySchema,
      body: NO_FIELDS,
      answer: { status: 200, description: 'A page of attempts.', schema: attemptListSchema },
      faults: [],
      async handle({ query }) {
        const page = await ledger.list(
          {
            ...(query.client_key_id === undefined ? {} : { clientKeyId: parseClientKeyId(query.client_key_id) }),
            ...(query.provider_id === undefined ? {} : { providerId: parseProviderId(query.provider_id) }),
            ...(query.since === undefined ? {} : { since: query.since }),
            ...(query.until === undefined ? {} : { until: query.until }),
          },
          { limit: query.limit, ...(query.cursor === undefined ? {} : { cursor: query.cursor }) },
        );
        return { items: page.items.map(renderAttempt), next_cursor: page.nextCursor ?? null };
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${collection}/{id}`,
      operationId: 'getRequest',
      tag,
      summary: 'One request, by the x-request-id its answer had, with all its attempts.',
      params: plainParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'The attempts in the order they were made.', schema: requestSchema },
      faults: [404],
      async handle({ params }) {
        const { items } = await ledger.list({ requestId: parseRequestId(params.id) }, { limit: MAX_ATTEMPTS });
        if (items.length === 0) throw notFound(tag);
        const attempts = items.map(renderAttempt).sort((left, right) => left.attempt - right.attempt);
        return { request_id: params.id, attempts };
      },
    }),
  ];
}
