import type { ApiKeyAnswer } from '@proxycast/console-api';
import type { ApiKeyRecord } from '@proxycast/spec';

export function renderApiKey(record: ApiKeyRecord): ApiKeyAnswer {
  return {
    id: record.id,
    provider_id: record.providerId,
    name: record.name ?? null,
    hint: record.hint,
    enabled: record.enabled,
    usage_count: record.usageCount,
    error_count: record.errorCount,
    last_used_at: record.lastUsedAt ?? null,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}
