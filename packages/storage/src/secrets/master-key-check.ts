import { Secret, StorageError } from '@proxycast/spec';
import type { Kysely } from 'kysely';
import type { DatabaseTables } from '../database-tables.ts';
import type { Keyring, MasterKey } from './master-key.ts';
import { openSecret, readMasterKeyId, sealSecret } from './sealed-secret.ts';

/** The row of `meta` that only the right master key opens. */
export const MASTER_KEY_CHECK = 'master_key_check';

const PLACE = { table: 'meta', recordId: MASTER_KEY_CHECK, field: 'value' };

export function sealMasterKeyCheck(masterKey: MasterKey): string {
  return sealSecret(masterKey, PLACE, new Secret('proxycast'));
}

/** Throws StorageError `master_key_wrong` when the database was encrypted with another key. Changes nothing. */
export async function checkMasterKey(db: Kysely<DatabaseTables>, masterKey: MasterKey, label: string): Promise<void> {
  const check = await readCheck(db);
  if (check === undefined) return;
  try {
    openSecret(new Map([[masterKey.id, masterKey]]), PLACE, check);
  } catch (error) {
    throw wrongMasterKey(label, masterKey.id, readMasterKeyId(check) ?? 'unknown', error);
  }
}

/** Writes the check value where there is none, then checks: of two that start together, one is told. */
export async function claimMasterKey(db: Kysely<DatabaseTables>, masterKey: MasterKey, label: string): Promise<void> {
  if ((await readCheck(db)) === undefined) {
    await db
      .insertInto('meta')
      .values({ name: MASTER_KEY_CHECK, value: sealMasterKeyCheck(masterKey) })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
  }
  await checkMasterKey(db, masterKey, label);
}

/**
 * The key that secrets are sealed with now. Called inside a configuration write, so no change of the key can come
 * in between. Throws StorageError `master_key_wrong` when another process has changed it.
 */
export async function readCurrentMasterKey(
  db: Kysely<DatabaseTables>,
  keyring: Keyring,
  label: string,
): Promise<MasterKey> {
  const id = readMasterKeyId((await readCheck(db)) ?? '');
  const masterKey = keyring.get(id ?? '');
  if (masterKey === undefined) throw wrongMasterKey(label, [...keyring.keys()].join(', '), id ?? 'unknown');
  return masterKey;
}

async function readCheck(db: Kysely<DatabaseTables>): Promise<string | undefined> {
  const row = await db.selectFrom('meta').select('value').where('name', '=', MASTER_KEY_CHECK).executeTakeFirst();
  return row?.value;
}

function wrongMasterKey(label: string, givenId: string, neededId: string, cause?: unknown): StorageError {
  return new StorageError({
    code: 'master_key_wrong',
    message:
      `The master key (id ${givenId}) is not the one the secrets in ${label} are encrypted with (id ${neededId}). Nothing was changed. ` +
      'Start ProxyCast with the key this database was made with: in PROXYCAST_MASTER_KEY, in the keychain, or in secret.key of the home folder. ' +
      'If that key is lost, the stored secrets are too: move the database away and enter them again.',
    cause,
  });
}
