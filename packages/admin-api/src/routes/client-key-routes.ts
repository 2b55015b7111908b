import {
  clientKeyCreateSchema,
  clientKeyListSchema,
  clientKeyPatchSchema,
  clientKeySchema,
  createdClientKeySchema,
} from '@proxycast/console-api';
import { type ClientKeyRecord, InvalidRequestError, parseClientKeyId } from '@proxycast/spec';
import type { AdminApiPorts } from '../admin-api-ports.ts';
import { ADMIN_BASE_PATH } from '../admin-paths.ts';
import { type AdminRoute, defineRoute, NO_ANSWER, NO_FIELDS } from '../admin-route.ts';
import { notFound } from '../not-found.ts';
import { randomToken } from '../random-token.ts';
import { renderClientKey } from '../render-client-key.ts';
import { sha256Hex } from '../sha256-hex.ts';
import { clientKeyParams } from './id-params.ts';

const PREFIX_CHARACTERS = 8;

export function createClientKeyRoutes(
  ports: Pick<AdminApiPorts, 'clientKeys' | 'now' | 'newId' | 'randomBytes'>,
): readonly AdminRoute[] {
  const { clientKeys, now, newId, randomBytes } = ports;
  const collection = `${ADMIN_BASE_PATH}/client-keys`;
  const tag = 'client key';

  function checkExpiry(expiresAt: number | null | undefined): void {
    if (typeof expiresAt === 'number' && expiresAt <= now()) {
      throw new InvalidRequestError({
        message: 'expires_at lies in the past. To end a key now, set revoked to true.',
        field: 'expires_at',
      });
    }
  }

  return [
    defineRoute({
      method: 'GET',
      path: collection,
      operationId: 'listClientKeys',
      tag,
      summary: 'All client keys.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'The keys, without their secrets.', schema: clientKeyListSchema },
      faults: [],
      async handle() {
        return { items: (await clientKeys.list()).map(renderClientKey), next_cursor: null };
      },
    }),
    defineRoute({
      method: 'POST',
      path: collection,
      operationId: 'createClientKey',
      tag,
      summary: 'Make a key for a client.',
      changesConfig: true,
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: clientKeyCreateSchema,
      answer: { status: 201, description: 'The key, only this once.', schema: createdClientKeySchema },
      faults: [],
      async handle({ body }) {
        checkExpiry(body.expires_at);
        const key = `pc-${randomToken(randomBytes)}`;
        const createdAt = now();
        const record: ClientKeyRecord = {
          id: parseClientKeyId(newId()),
          name: body.name ?? 'Unnamed',
          sha256: sha256Hex(key),
          prefix: key.slice(0, PREFIX_CHARACTERS),
          createdAt,
          updatedAt: createdAt,
          ...(typeof body.expires_at === 'number' ? { expiresAt: body.expires_at } : {}),
          ...(body.allowed_models ? { allowedModels: body.allowed_models } : {}),
          ...(body.allowed_providers ? { allowedProviders: body.allowed_providers } : {}),
          ...(body.default_parameters ? { defaultParameters: body.default_parameters } : {}),
        };
        await clientKeys.insert(record);
        return { ...renderClientKey(record), key };
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${collection}/{id}`,
      operationId: 'getClientKey',
      tag,
      summary: 'One client key.',
      params: clientKeyParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'The key, without its secret.', schema: clientKeySchema },
      faults: [404],
      async handle({ params }) {
        const record = await clientKeys.get(params.id);
        if (record === undefined) throw notFound(tag);
        return renderClientKey(record);
      },
    }),
    defineRoute({
      method: 'PATCH',
      path: `${collection}/{id}`,
      operationId: 'changeClientKey',
      tag,
      summary: 'Change or revoke a client key.',
      changesConfig: true,
      params: clientKeyParams,
      query: NO_FIELDS,
      body: clientKeyPatchSchema,
      answer: { status: 200, description: 'The changed key.', schema: clientKeySchema },
      faults: [404],
      async handle({ params, body }) {
        checkExpiry(body.expires_at);
        const current = await clientKeys.get(params.id);
        if (current === undefined) throw notFound(tag);
        const changed = await clientKeys.update(
          params.id,
          {
            ...(body.name === undefined ? {} : { name: body.name }),
            ...(body.expires_at === undefined ? {} : { expiresAt: body.expires_at }),
            ...(body.allowed_models === undefined ? {} : { allowedModels: body.allowed_models }),
            ...(body.allowed_providers === undefined ? {} : { allowedProviders: body.allowed_providers }),
            ...(body.default_parameters === undefined ? {} : { defaultParameters: body.default_parameters }),
            ...(body.revoked === undefined || current.revokedAt !== undefined ? {} : { revokedAt: now() }),
          },
          now(),
        );
        if (changed === undefined) throw notFound(tag);
        return renderClientKey(changed);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: `${collection}/{id}`,
      operationId: 'deleteClientKey',
      tag,
      summary: 'Delete a client key.',
      changesConfig: true,
      params: clientKeyParams,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 204, description: 'It is gone.', schema: NO_ANSWER },
      faults: [404],
      async handle({ params }) {
        if (!(await clientKeys.delete(params.id))) throw notFound(tag);
        return undefined;
      },
    }),
  ];
}
