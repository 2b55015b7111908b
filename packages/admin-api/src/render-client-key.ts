import type { ClientKeyAnswer } from '@proxycast/console-api';
import type { ClientKeyRecord } from '@proxycast/spec';

export function renderClientKey(record: ClientKeyRecord): ClientKeyAnswer {
  return {
    id: record.id,
    name: record.name,
    prefix: record.prefix,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    revoked_at: record.revokedAt ?? null,
    expires_at: record.expiresAt ?? null,
    allowed_models: record.allowedModels === undefined ? null : [...record.allowedModels],
    allowed_providers: record.allowedProviders === undefined ? null : [...record.allowedProviders],
    default_parameters: record.defaultParameters ?? null,
  };
}
