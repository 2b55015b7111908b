import {
  providerCreateSchema,
  providerListSchema,
  providerModelListSchema,
  providerPatchSchema,
  providerSchema,
  providerTestSchema,
} from '@proxycast/console-api';
import { ConflictError, type ProviderId, type ProviderRecord, parseProviderId } from '@proxycast/spec';
import type { AdminApiPorts } from '../admin-api-ports.ts';
import { ADMIN_BASE_PATH } from '../admin-paths.ts';
import { type AdminRoute, defineRoute, NO_ANSWER, NO_FIELDS } from '../admin-route.ts';
import { checkApiHost } from '../check-api-host.ts';
import { checkExtraFields } from '../check-extra-fields.ts';
import { findProviderType } from '../find-provider-type.ts';
import { notFound } from '../not-found.ts';
import { renderProvider } from '../render-provider.ts';
import { providerParams } from './id-params.ts';

const CUSTOM_GROUP = 'custom';
const CUSTOM_SORT_ORDER = 9999;

export function createProviderRoutes(
  ports: Pick<
    AdminApiPorts,
    'providers' | 'now' | 'newId' | 'providerTypes' | 'reservedProviderIds' | 'testProvider' | 'listProviderModels'
  >,
): readonly AdminRoute[] {
  const { providers, now, newId, providerTypes, reservedProviderIds } = ports;
  const collection = `${ADMIN_BASE_PATH}/providers`;
  const tag = 'provider';

  async function getProvider(id: ProviderId): Promise<ProviderRecord> {
    const record = await providers.get(id);
    if (record === undefined) throw notFound(tag);
    return record;
  }

  return [
    defineRoute({
      method: 'GET',
      path: collection,
      operationId: 'listProviders',
      tag,
      summary: 'All API-key providers.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'By sort order, then id.', schema: providerListSchema },
      faults: [],
      async handle() {
        return { items: (await providers.list()).map(renderProvider), next_cursor: null };
      },
    }),
    defineRoute({
      method: 'POST',
      path: collection,
      operationId: 'createProvider',
      tag,
      summary: 'Add a provider of your own.',
      changesConfig: true,
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: providerCreateSchema,
      answer: { status: 201, description: 'The provider.', schema: providerSchema },
      faults: [409],
      async handle({ body }) {
        const type = findProviderType(providerTypes, body.type);
        const apiHost = body.api_host ?? '';
        checkApiHost(apiHost, type);
        checkExtraFields(body, type);
        const id = parseProviderId(body.id ?? `custom-${newId()}`);
        if (reservedProviderIds.includes(id) || (await providers.get(id)) !== undefined) {
          throw new ConflictError({
            code: 'provider_exists',
            message: 'There is a provider with this id already. Choose another id, or change that one with PATCH.',
            field: 'id',
          });
        }
        const createdAt = now();
        const record: ProviderRecord = {
          id,
          name: body.name,
          type: body.type,
          apiHost,
          isSystem: false,
          groupName: body.group_name ?? CUSTOM_GROUP,
          enabled: body.enabled ?? true,
          sortOrder: body.sort_order ?? CUSTOM_SORT_ORDER,
          ...(body.api_version ? { apiVersion: body.api_version } : {}),
          ...(body.project ? { project: body.project } : {}),
          ...(body.location ? { location: body.location } : {}),
          ...(body.region ? { region: body.region } : {}),
          ...(body.models ? { models: body.models } : {}),
          ...(body.auth_header ? { authHeader: body.auth_header } : {}),
          ...(typeof body.auth_prefix === 'string' ? { authPrefix: body.auth_prefix } : {}),
          ...(body.extra_headers ? { extraHeaders: body.extra_headers } : {}),
          ...(body.key_choice ? { keyChoice: body.key_choice } : {}),
          createdAt,
          updatedAt: createdAt,
        };
        await providers.insert(record);
        return renderProvider(record);
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${collection}/{id}`,
      operationId: 'getProvider',
      tag,
      summary: 'One provider.',
      params: providerParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'The provider.', schema: providerSchema },
      faults: [404],
      async handle({ params }) {
        return renderProvider(await getProvider(params.id));
      },
    }),
    defineRoute({
      method: 'PATCH',
      path: `${collection}/{id}`,
      operationId: 'changeProvider',
      tag,
      summary: 'Change, enable or disable a provider.',
      changesConfig: true,
      params: providerParams,
      query: NO_FIELDS,
      body: providerPatchSchema,
      answer: { status: 200, description: 'The changed provider.', schema: providerSchema },
      faults: [404],
      async handle({ params, body }) {
        const current = await getProvider(params.id);
        const type = findProviderType(providerTypes, body.type ?? current.type);
        // A preset's host may hold places to fill in, so only a host that is being set is checked.
        if (body.api_host !== undefined || body.type !== undefined)
          checkApiHost(body.api_host ?? current.apiHost, type);
        checkExtraFields(body, type);
        const isDropped = (field: (typeof type.extraFields)[number]) =>
          body.type !== undefined && !type.extraFields.includes(field);
        const changed = await providers.update(
          params.id,
          {
            ...(body.name === undefined ? {} : { name: body.name }),
            ...(body.type === undefined ? {} : { type: body.type }),
            ...(body.api_host === undefined ? {} : { apiHost: body.api_host }),
            ...(body.enabled === undefined ? {} : { enabled: body.enabled }),
            ...(body.group_name === undefined ? {} : { groupName: body.group_name }),
            ...(body.sort_order === undefined ? {} : { sortOrder: body.sort_order }),
            ...(isDropped('api_version') ? { apiVersion: null } : {}),
            ...(isDropped('project') ? { project: null } : {}),
            ...(isDropped('location') ? { location: null } : {}),
            ...(isDropped('region') ? { region: null } : {}),
            ...(body.api_version === undefined ? {} : { apiVersion: body.api_version }),
            ...(body.project === undefined ? {} : { project: body.project }),
            ...(body.location === undefined ? {} : { location: body.location }),
            ...(body.region === undefined ? {} : { region: body.region }),
            ...(body.models === undefined ? {} : { models: body.models }),
            ...(body.auth_header === undefined ? {} : { authHeader: body.auth_header }),
            ...(body.auth_prefix === undefined ? {} : { authPrefix: body.auth_prefix }),
            ...(body.extra_headers === undefined ? {} : { extraHeaders: body.extra_headers }),
            ...(body.key_choice === undefined ? {} : { keyChoice: body.key_choice }),
          },
          now(),
        );
        if (changed === undefined) throw notFound(tag);
        return renderProvider(changed);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: `${collection}/{id}`,
      operationId: 'deleteProvider',
      tag,
      summary: 'Delete a provider of your own, with its keys.',
      changesConfig: true,
      params: providerParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 204, description: 'It is gone.', schema: NO_ANSWER },
      faults: [404, 409],
      async handle({ params }) {
        if ((await getProvider(params.id)).isSystem) {
          throw new ConflictError({
            code: 'provider_is_system',
            message:
              'This provider came with ProxyCast and cannot be deleted. Disable it: PATCH it with {"enabled": false}.',
          });
        }
        if (!(await providers.delete(params.id))) throw notFound(tag);
        return undefined;
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${collection}/{id}/test`,
      operationId: 'testProvider',
      tag,
      summary: 'Ask the provider something small with each of its keys. Counters and health stay as they are.',
      params: providerParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'Whether it answered, and its refusal if not.', schema: providerTestSchema },
      faults: [404, 502],
      async handle({ params }) {
        await getProvider(params.id);
        const result = await ports.testProvider(params.id);
        return {
          ok: result.ok,
          latency_ms: result.latencyMs,
          model: result.model ?? null,
          status: result.status ?? null,
          error: result.error === undefined ? null : { code: result.error.code, message: result.error.message },
          results: result.results.map((each) => ({
            key_id: each.keyId ?? null,
            ok: each.ok,
            code: each.code,
            message: each.message,
            latency_ms: each.latencyMs,
            status: each.status ?? null,
            model: each.model ?? null,
          })),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${collection}/{id}/models`,
      operationId: 'listProviderModels',
      tag,
      summary: 'The models the provider says it has.',
      params: providerParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: {
        status: 200,
        description: 'The live list, then what is stored and not in it.',
        schema: providerModelListSchema,
      },
      faults: [404, 502, 504],
      async handle({ params }) {
        await getProvider(params.id);
        const models = await ports.listProviderModels(params.id);
        return {
          items: models.map(({ id, ownedBy, isLive, isStored }) => ({
            id,
            owned_by: ownedBy ?? null,
            is_live: isLive,
            is_stored: isStored,
          })),
          next_cursor: null,
        };
      },
    }),
  ];
}
