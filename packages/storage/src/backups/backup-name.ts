import type { EpochMs } from '@proxycast/spec';

const BACKUP_PATTERN = /^proxycast-\d{8}T\d{9}Z-schema-\d{4}\.(?:db|dump)$/;

const REPLACED_PATTERN = /^replaced-proxycast-\d{8}T\d{9}Z-/;

/** For example `proxycast-20261124T020501123Z-schema-0001`: sorts by time. `schema` is the last migration's name. */
export function renderBackupStem(now: EpochMs, schema: string): string {
  return `proxycast-${renderTime(now)}-schema-${schema.slice(0, 4)}`;
}

/** Begins the name of a database that a restore took out of its place as it was, damaged or not. */
export function renderReplacedStem(now: EpochMs): string {
  return `replaced-proxycast-${renderTime(now)}`;
}

export function isBackupName(name: string): boolean {
  return BACKUP_PATTERN.test(name);
}

export function isReplacedName(name: string): boolean {
  return REPLACED_PATTERN.test(name);
}

/** When the file of that name was written. */
export function parseBackupTime(name: string): EpochMs {
  const [, year, month, day, hour, minute, second, ms] =
    /proxycast-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z/.exec(name) ?? [];
  return Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(ms),
  );
}

function renderTime(now: EpochMs): string {
  return new Date(now).toISOString().replaceAll(/[-:.]/g, '');
}
