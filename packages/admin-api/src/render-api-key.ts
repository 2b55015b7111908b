import type { ApiKeyAnswer } from '@proxycast/console-api';
import type { ApiKeyRecord } from '@proxycast/spec';
import type { KeyHealth } from './admin-api-ports.ts';

export function renderApiKey(record: ApiKeyRecord, { state, restingModels }: KeyHealth): ApiKeyAnswer {
  return {
    id: record.id,
    provider_id: record.providerId,
    name: record.name ?? null,
    hint: record.hint,
    enabled: record.enabled,
    weight: record.weight ?? null,
    state: {
      type: state.type,
      until: state.until ?? null,
      cause: state.cause ?? null,
    },
    resting_models: restingModels.map((resting) => ({ ...resting })),
    usage_count: record.usageCount,
    error_count: record.errorCount,
    last_used_at: record.lastUsedAt ?? null,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}
