import type { Kysely, Transaction } from 'kysely';
import type { DatabaseTables } from '../database-tables.ts';
import { apiKeySecretPlace } from '../repositories/api-key-secret-place.ts';
import { keptContentPlace } from '../repositories/kept-content-place.ts';
import { pluginConfigPlace } from '../repositories/plugin-config-place.ts';
import { pluginCredentialPlace } from '../repositories/plugin-credential-place.ts';
import { writeConfiguration } from '../write-configuration.ts';
import { HOST_SECRET_PREFIX, hostSecretPlace } from './host-secret.ts';
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
    const credentials = await rewrapPluginCredentials(transaction, keyring, newKey);
    const settings = await rewrapPluginSettings(transaction, keyring, newKey);
    const own = await rewrapHostSecrets(transaction, keyring, newKey);
    const kept = await rewrapKeptResponses(transaction, keyring, newKey);
    await transaction
      .updateTable('meta')
      .set({ value: sealMasterKeyCheck(newKey) })
      .where('name', '=', MASTER_KEY_CHECK)
      .execute();
    return rows.length + credentials + settings + own + kept;
  });
}

async function rewrapHostSecrets(
  transaction: Transaction<DatabaseTables>,
  keyring: Keyring,
  newKey: MasterKey,
): Promise<number> {
  const rows = await transaction
    .selectFrom('meta')
    .selectAll()
    .where('name', 'like', `${HOST_SECRET_PREFIX}%`)
    .execute();
  for (const { name, value } of rows) {
    await transaction
      .updateTable('meta')
      .set({ value: rewrapSecret(keyring, newKey, hostSecretPlace(name), value) })
      .where('name', '=', name)
      .execute();
  }
  return rows.length;
}

async function rewrapPluginSettings(
  transaction: Transaction<DatabaseTables>,
  keyring: Keyring,
  newKey: MasterKey,
): Promise<number> {
  const rows = await transaction.selectFrom('credential_provider_plugins').select(['id', 'config']).execute();
  for (const { id, config } of rows) {
    await transaction
      .updateTable('credential_provider_plugins')
      .set({ config: rewrapSecret(keyring, newKey, pluginConfigPlace(id), config) })
      .where('id', '=', id)
      .execute();
  }
  return rows.length;
}

async function rewrapPluginCredentials(
  transaction: Transaction<DatabaseTables>,
  keyring: Keyring,
  newKey: MasterKey,
): Promise<number> {
  const rows = await transaction.selectFrom('plugin_credentials').select(['id', 'credential_data_encrypted']).execute();
  for (const { id, credential_data_encrypted } of rows) {
    const rewrapped = rewrapSecret(keyring, newKey, pluginCredentialPlace(id), credential_data_encrypted);
    await transaction
      .updateTable('plugin_credentials')
      .set({ credential_data_encrypted: rewrapped })
      .where('id', '=', id)
      .execute();
  }
  return rows.length;
}

/** They are many and large: some at a time. */
const RESPONSES_AT_A_TIME = 100;

async function rewrapKeptResponses(
  transaction: Transaction<DatabaseTables>,
  keyring: Keyring,
  newKey: MasterKey,
): Promise<number> {
  let count = 0;
  let after = '';
  for (;;) {
    const rows = await transaction
      .selectFrom('kept_responses')
      .select(['record_id', 'content_encrypted'])
      .where('record_id', '>', after)
      .where('content_encrypted', 'is not', null)
      .orderBy('record_id')
      .limit(RESPONSES_AT_A_TIME)
      .execute();
    for (const { record_id, content_encrypted } of rows) {
      await transaction
        .updateTable('kept_responses')
        .set({ content_encrypted: rewrapSecret(keyring, newKey, keptContentPlace(record_id), content_encrypted ?? '') })
        .where('record_id', '=', record_id)
        .execute();
    }
    count += rows.length;
    const last = rows.at(-1);
    if (last === undefined || rows.length < RESPONSES_AT_A_TIME) return count;
    after = last.record_id;
  }
}
