import type { RouteAnswer } from '@proxycast/console-api';
import type { RouteRecord } from '@proxycast/spec';

export function renderRoute(record: RouteRecord): RouteAnswer {
  return {
    id: record.id,
    pattern: record.pattern,
    targets: record.targets.map((target) => ({ ...target })),
    sort_order: record.sortOrder,
    enabled: record.enabled,
    default_parameters: record.defaultParameters ?? null,
    output: record.output ?? null,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}
