import type { EpochMs } from '@proxycast/spec';

const BACKUP_PATTERN = /^proxycast-\d{8}T\d{9}Z-schema-\d{4}\.(?:db|dump)$/;

/** For example `proxycast-20261124T020501123Z-schema-0001`: sorts by time. `schema` is the last migration's name. */
export function renderBackupStem(now: EpochMs, schema: string): string {
  const time = new Date(now).toISOString().replaceAll(/[-:.]/g, '');
  return `proxycast-${time}-schema-${schema.slice(0, 4)}`;
}

export function isBackupName(name: string): boolean {
  return BACKUP_PATTERN.test(name);
}
