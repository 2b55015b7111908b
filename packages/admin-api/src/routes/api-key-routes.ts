import { apiKeyCreateSchema, apiKeyListSchema, apiKeyPatchSchema, apiKeySchema } from '@proxycast/console-api';
import {
  type ApiKeyRecord,
  type CredentialId,
  type ProviderId,
  type ProviderRecord,
  parseCredentialId,
  Secret,
} from '@proxycast/spec';
import type { AdminApiPorts } from '../admin-api-ports.ts';
import { ADMIN_BASE_PATH } from '../admin-paths.ts';
import { type AdminRoute, defineRoute, NO_ANSWER, NO_FIELDS } from '../admin-route.ts';
import { keyHint } from '../key-hint.ts';
import { notFound } from '../not-found.ts';
import { renderApiKey } from '../render-api-key.ts';
import { apiKeyParams, providerParams } from './id-params.ts';

export function createApiKeyRoutes(
  ports: Pick<AdminApiPorts, 'providers' | 'apiKeys' | 'keyHealth' | 'now' | 'newId'>,
): readonly AdminRoute[] {
  const { providers, apiKeys, keyHealth, now, newId } = ports;
  const collection = `${ADMIN_BASE_PATH}/providers/{id}/keys`;
  const tag = 'API key';

  const render = (record: ApiKeyRecord) => renderApiKey(record, keyHealth.of(record.id));

  async function getProvider(id: ProviderId): Promise<ProviderRecord> {
    const record = await providers.get(id);
    if (record === undefined) throw notFound('provider');
    return record;
  }

  async function getKeyOf(providerId: ProviderId, id: CredentialId): Promise<ApiKeyRecord> {
    const record = await apiKeys.get(id);
    if (record === undefined || record.providerId !== providerId) throw notFound(tag);
    return record;
  }

  return [
    defineRoute({
      method: 'GET',
      path: collection,
      operationId: 'listApiKeys',
      tag,
      summary: 'The keys of a provider.',
      params: providerParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'The keys, each shown by its last characters.', schema: apiKeyListSchema },
      faults: [404],
      async handle({ params }) {
        await getProvider(params.id);
        return { items: (await apiKeys.list(params.id)).map(render), next_cursor: null };
      },
    }),
    defineRoute({
      method: 'POST',
      path: collection,
      operationId: 'createApiKey',
      tag,
      summary: 'Add a key. The first key of a provider that came with ProxyCast enables it.',
      changesConfig: true,
      params: providerParams,
      query: NO_FIELDS,
      body: apiKeyCreateSchema,
      answer: { status: 201, description: 'The key, shown by its last characters.', schema: apiKeySchema },
      faults: [404],
      async handle({ params, body }) {
        const provider = await getProvider(params.id);
        // Presets are disabled because they have no key. Whoever disabled a provider that had one, or defined one as
        // disabled, meant it.
        const isFirstKeyOfPreset =
          provider.isSystem && !provider.enabled && (await apiKeys.list(provider.id)).length === 0;
        const createdAt = now();
        const record: ApiKeyRecord = {
          id: parseCredentialId(newId()),
          providerId: provider.id,
          ...(body.name === undefined ? {} : { name: body.name }),
          hint: keyHint(body.key),
          enabled: true,
          ...(typeof body.weight === 'number' ? { weight: body.weight } : {}),
          usageCount: 0,
          errorCount: 0,
          createdAt,
          updatedAt: createdAt,
        };
        await apiKeys.insert(record, new Secret(body.key));
        if (isFirstKeyOfPreset) await providers.update(provider.id, { enabled: true }, createdAt);
        return render(record);
      },
    }),
    defineRoute({
      method: 'PATCH',
      path: `${collection}/{keyId}`,
      operationId: 'changeApiKey',
      tag,
      summary: 'Rename, enable, disable or replace a key.',
      changesConfig: true,
      params: apiKeyParams,
      query: NO_FIELDS,
      body: apiKeyPatchSchema,
      answer: { status: 200, description: 'The changed key.', schema: apiKeySchema },
      faults: [404],
      async handle({ params, body }) {
        await getKeyOf(params.id, params.keyId);
        const changed = await apiKeys.update(
          params.keyId,
          {
            ...(body.name === undefined ? {} : { name: body.name }),
            ...(body.enabled === undefined ? {} : { enabled: body.enabled }),
            ...(body.weight === undefined ? {} : { weight: body.weight }),
            ...(body.key === undefined ? {} : { secret: new Secret(body.key), hint: keyHint(body.key) }),
          },
          now(),
        );
        if (changed === undefined) throw notFound(tag);
        // What rested the old key says nothing of the new one.
        if (body.key !== undefined) keyHealth.reset(changed.id);
        return render(changed);
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${collection}/{keyId}/reset`,
      operationId: 'resetApiKey',
      tag,
      summary: 'Lift what rests a key: it is used again at once.',
      params: apiKeyParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'The key, active.', schema: apiKeySchema },
      faults: [404],
      async handle({ params }) {
        const record = await getKeyOf(params.id, params.keyId);
        keyHealth.reset(record.id);
        return render(record);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: `${collection}/{keyId}`,
      operationId: 'deleteApiKey',
      tag,
      summary: 'Delete a key.',
      changesConfig: true,
      params: apiKeyParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 204, description: 'It is gone.', schema: NO_ANSWER },
      faults: [404],
      async handle({ params }) {
        await getKeyOf(params.id, params.keyId);
        if (!(await apiKeys.delete(params.keyId))) throw notFound(tag);
        return undefined;
      },
    }),
  ];
}
