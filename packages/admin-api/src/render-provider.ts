import type { ProviderAnswer } from '@proxycast/console-api';
import type { ProviderRecord } from '@proxycast/spec';

export function renderProvider(record: ProviderRecord): ProviderAnswer {
  return {
    id: record.id,
    name: record.name,
    type: record.type,
    api_host: record.apiHost,
    is_system: record.isSystem,
    group_name: record.groupName,
    enabled: record.enabled,
    sort_order: record.sortOrder,
    api_version: record.apiVersion ?? null,
    project: record.project ?? null,
    location: record.location ?? null,
    region: record.region ?? null,
    models: record.models === undefined ? null : [...record.models],
    auth_header: record.authHeader ?? null,
    auth_prefix: record.authPrefix ?? null,
    extra_headers: record.extraHeaders === undefined ? null : { ...record.extraHeaders },
    key_choice: record.keyChoice ?? null,
    preset_host: record.presetHost ?? null,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}
