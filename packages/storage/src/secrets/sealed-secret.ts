import { randomBytes } from 'node:crypto';
import { Secret, StorageError } from '@proxycast/spec';
import { decryptBytes, encryptBytes } from './aes-gcm.ts';
import type { Keyring, MasterKey } from './master-key.ts';

/** Where a secret is stored. It opens nowhere else: a row copied over another one is refused. */
export interface SecretPlace {
  readonly table: string;
  readonly recordId: string;
  readonly field: string;
}

const VERSION = 'v1';
const DATA_KEY_BYTES = 32;

/**
 * `v1:<master key id>:<wrapped data key>:<ciphertext>`, the last two in base64url. Each secret has a random data key
 * of its own, wrapped by the master key; both layers are AES-256-GCM bound to the place and to the version.
 */
export function sealSecret(masterKey: MasterKey, place: SecretPlace, secret: Secret): string {
  return sealBytes(masterKey, place, Buffer.from(secret.reveal()));
}

/** The same for what is no text. */
export function sealBytes(masterKey: MasterKey, place: SecretPlace, bytes: Uint8Array): string {
  const dataKey = randomBytes(DATA_KEY_BYTES);
  const wrapped = encryptBytes(masterKey.key, dataKey, associate(place, masterKey.id));
  const ciphertext = encryptBytes(dataKey, bytes, associate(place));
  dataKey.fill(0);
  return render(masterKey.id, wrapped, ciphertext);
}

/** Throws StorageError, naming the record: `master_key_wrong` for a key we do not have, else `storage_corrupt`. */
export function openSecret(keyring: Keyring, place: SecretPlace, sealed: string): Secret {
  return new Secret(openBytes(keyring, place, sealed).toString());
}

/** Undoes `sealBytes`. Throws as `openSecret` does. */
export function openBytes(keyring: Keyring, place: SecretPlace, sealed: string): Buffer {
  const { masterKeyId, wrapped, ciphertext } = parse(place, sealed);
  return attempt(place, () => {
    const dataKey = unwrap(keyring, place, masterKeyId, wrapped);
    const plain = decryptBytes(dataKey, ciphertext, associate(place));
    dataKey.fill(0);
    return plain;
  });
}

/** The same secret under another master key; the secret itself is not decrypted. Throws as `openSecret` does. */
export function rewrapSecret(keyring: Keyring, masterKey: MasterKey, place: SecretPlace, sealed: string): string {
  const { masterKeyId, wrapped, ciphertext } = parse(place, sealed);
  return attempt(place, () => {
    const dataKey = unwrap(keyring, place, masterKeyId, wrapped);
    const rewrapped = encryptBytes(masterKey.key, dataKey, associate(place, masterKey.id));
    dataKey.fill(0);
    return render(masterKey.id, rewrapped, ciphertext);
  });
}

/** The id of the master key a sealed text needs, or `undefined` when it is no such text. */
export function readMasterKeyId(sealed: string): string | undefined {
  const [version, masterKeyId, ...rest] = sealed.split(':');
  return version === VERSION && rest.length === 2 ? masterKeyId : undefined;
}

interface SealedParts {
  readonly masterKeyId: string;
  readonly wrapped: Buffer;
  readonly ciphertext: Buffer;
}

function render(masterKeyId: string, wrapped: Buffer, ciphertext: Buffer): string {
  return [VERSION, masterKeyId, wrapped.toString('base64url'), ciphertext.toString('base64url')].join(':');
}

function parse(place: SecretPlace, sealed: string): SealedParts {
  const masterKeyId = readMasterKeyId(sealed);
  const [, , wrapped, ciphertext] = sealed.split(':');
  if (masterKeyId === undefined || wrapped === undefined || ciphertext === undefined) throw damaged(place);
  return {
    masterKeyId,
    wrapped: Buffer.from(wrapped, 'base64url'),
    ciphertext: Buffer.from(ciphertext, 'base64url'),
  };
}

function unwrap(keyring: Keyring, place: SecretPlace, masterKeyId: string, wrapped: Buffer): Buffer {
  const masterKey = keyring.get(masterKeyId);
  if (masterKey === undefined) {
    throw new StorageError({
      code: 'master_key_wrong',
      message: `The secret of ${renderPlace(place)} is encrypted with another master key (id ${masterKeyId}). Restart ProxyCast with that key.`,
    });
  }
  return decryptBytes(masterKey.key, wrapped, associate(place, masterKey.id));
}

function attempt<Result>(place: SecretPlace, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw error instanceof StorageError ? error : damaged(place, error);
  }
}

function damaged(place: SecretPlace, cause?: unknown): StorageError {
  return new StorageError({
    code: 'storage_corrupt',
    message: `The secret of ${renderPlace(place)} was changed outside ProxyCast or is damaged, and cannot be decrypted. Enter it again, or restore a backup.`,
    cause,
  });
}

function renderPlace({ table, recordId }: SecretPlace): string {
  return `${recordId} in ${table}`;
}

function associate({ table, recordId, field }: SecretPlace, masterKeyId?: string): string {
  return JSON.stringify(['proxycast', VERSION, table, recordId, field, masterKeyId ?? 'data']);
}
