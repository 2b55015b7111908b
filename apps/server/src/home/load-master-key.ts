import type { Keychain } from './keychain.ts';
import { createPrivateFile, readPrivateFile } from './private-file.ts';

export interface MasterKeyParts {
  readonly fromEnvironment?: Uint8Array;
  readonly path: string;
  /** Whether there is a database that was encrypted with some key. */
  readonly hasDatabase: boolean;
  readonly keychain: () => Keychain | undefined;
  readonly randomBytes: (size: number) => Uint8Array;
}

export type MasterKeySource = 'environment' | 'keychain' | 'file';

const KEY_BYTES = 32;
/** What the file holds when the key itself is in the keychain. */
const IN_KEYCHAIN = 'keychain';

/**
 * The key that opens the stored secrets: from the environment, else from where the key file says, else a new one, kept in
 * the keychain where there is one. Never makes a new key beside a database that needs the old one.
 * Throws an Error that says what to do.
 */
export function loadMasterKey(parts: MasterKeyParts): { readonly key: Uint8Array; readonly source: MasterKeySource } {
  const { fromEnvironment, path, hasDatabase } = parts;
  if (fromEnvironment !== undefined) return { key: fromEnvironment, source: 'environment' };
  const text = readPrivateFile(path);
  if (text === IN_KEYCHAIN) return { key: fromKeychain(parts), source: 'keychain' };
  if (text !== undefined) return { key: parseKey(text, path), source: 'file' };
  if (hasDatabase) {
    throw new Error(
      `The master key is missing: ${path} is gone, and the database needs it. Put the file back, or set PROXYCAST_MASTER_KEY to the key. Nothing was changed.`,
    );
  }
  return createKey(parts);
}

function createKey({ path, keychain, randomBytes }: MasterKeyParts): {
  readonly key: Uint8Array;
  readonly source: MasterKeySource;
} {
  const value = Buffer.from(randomBytes(KEY_BYTES)).toString('base64');
  if (keychain()?.write(path, value) === true) {
    const written = createPrivateFile(path, IN_KEYCHAIN);
    if (written === IN_KEYCHAIN) return { key: parseKey(value, path), source: 'keychain' };
    return { key: parseKey(written, path), source: 'file' };
  }
  return { key: parseKey(createPrivateFile(path, value), path), source: 'file' };
}

function fromKeychain({ path, keychain }: MasterKeyParts): Uint8Array {
  const value = keychain()?.read(path);
  if (value === undefined) {
    throw new Error(
      `The master key is in the keychain, which did not give it (item "proxycast", account ${path}). Unlock the keychain and start again, or set PROXYCAST_MASTER_KEY. Nothing was changed.`,
    );
  }
  return parseKey(value, path);
}

function parseKey(text: string, path: string): Uint8Array {
  const key = Buffer.from(text, 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new Error(
    `${path} does not hold a master key (32 bytes in base64). Put the right file back, or set PROXYCAST_MASTER_KEY. Nothing was changed.`,
  );
}
