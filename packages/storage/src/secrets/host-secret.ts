import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { DatabaseTables } from '../database-tables.ts';
import { writeConfiguration } from '../write-configuration.ts';
import type { Keyring } from './master-key.ts';
import { readCurrentMasterKey } from './master-key-check.ts';
import { openBytes, type SecretPlace, sealBytes } from './sealed-secret.ts';

/** Rows of `meta` that hold secrets of the host's own begin so. */
export const HOST_SECRET_PREFIX = 'secret:';
const SECRET_BYTES = 32;

export const hostSecretPlace = (row: string): SecretPlace => ({ table: 'meta', recordId: row, field: 'value' });

/** A secret of 32 bytes that outlives the master key: made at random the first time it is asked for. Throws StorageError. */
export async function readHostSecret(
  { db, keyring, label }: { readonly db: Kysely<DatabaseTables>; readonly keyring: Keyring; readonly label: string },
  name: string,
): Promise<Uint8Array> {
  const row = `${HOST_SECRET_PREFIX}${name}`;
  const read = (): Promise<{ readonly value: string } | undefined> =>
    db.selectFrom('meta').select('value').where('name', '=', row).executeTakeFirst();
  let found = await read();
  if (found === undefined) {
    await writeConfiguration(db, async (transaction) => {
      const masterKey = await readCurrentMasterKey(transaction, keyring, label);
      const value = sealBytes(masterKey, hostSecretPlace(row), randomBytes(SECRET_BYTES));
      // Of two that ask at once, one is first, and both get that one's.
      await transaction
        .insertInto('meta')
        .values({ name: row, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
    });
    found = await read();
  }
  return openBytes(keyring, hostSecretPlace(row), found?.value ?? '');
}
