import { StorageError } from '@proxycast/spec';

/** Told of a secret that cannot be decrypted; it is then left out. Absent: whoever reads it gets the error. */
export type OnUnreadableSecret = (error: StorageError) => void;

/** What can be opened of some rows: one that was damaged takes no other down. */
export function openReadable<Row, Opened>(
  rows: readonly Row[],
  open: (row: Row) => Opened,
  onUnreadableSecret: OnUnreadableSecret | undefined,
): readonly Opened[] {
  return rows.flatMap((row) => {
    try {
      return [open(row)];
    } catch (error) {
      if (onUnreadableSecret === undefined || !(error instanceof StorageError)) throw error;
      onUnreadableSecret(error);
      return [];
    }
  });
}
