export { type CheckedBackup, checkBackup } from './backups/check-backup.ts';
export { type BackupFile, listBackups, pruneBackups } from './backups/prune-backups.ts';
export { type RestoreReport, restoreBackup } from './backups/restore-backup.ts';
export type { BackupOutcome } from './engine.ts';
export type { MigrationReport } from './migrate.ts';
export { openStorage, type StorageLocation, type StorageParts, stepStorageDown } from './open-storage.ts';
export type { LedgerStore } from './repositories/ledger-store.ts';
export { MASTER_KEY_BYTES } from './secrets/master-key.ts';
export type { Storage } from './storage.ts';
