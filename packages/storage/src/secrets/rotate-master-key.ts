import type { Kysely } from 'kysely';
import type { DatabaseTables } from '../database-tables.ts';
import { apiKeySecretPlace } from '../repositories/api-key-secret-place.ts';
import { writeConfiguration } from '../write-configuration.ts';
import type { Keyring, MasterKey } from './master-key.ts';
import { MASTER_KEY_CHECK, readCurrentMasterKey, sealMasterKeyCheck } from './master-key-check.ts';
import { rewrapSecret } from './sealed-secret.ts';

export interface RotateMasterKeyParts {
  readonly db: Kysely<DatabaseTables>;
  readonly label: string;
  /** Has to hold the key in force. */
  readonly keyring: Keyring;
  readonly newKey: MasterKey;
}

/**
 * Wraps every data key anew, all or none, and answers how many. Throws StorageError when a record cannot be opened;
 * then the old key stays in force.
 */
export function rotateMasterKey({ db, label, keyring, newKey }: RotateMasterKeyParts): Promise<number> {
  return writeConfiguration(db, async (transaction) => {
    await readCurrentMasterKey(transaction, keyring, label);
    const rows = await transaction.selectFrom('api_keys').select(['id', 'api_key_encrypted']).execute();
    for (const { id, api_key_encrypted } of rows) {
      await transaction
        .updateTable('api_keys')
        .set({ api_key_encrypted: rewrapSecret(keyring, newKey, apiKeySecretPlace(id), api_key_encrypted) })
        .where('id', '=', id)
        .execute();
    }
    await transaction
      .updateTable('meta')
      .set({ value: sealMasterKeyCheck(newKey) })
      .where('name', '=', MASTER_KEY_CHECK)
      .execute();
    return rows.length;
  });
}
