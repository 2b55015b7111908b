import { createHash, createSecretKey, type KeyObject } from 'node:crypto';

export const MASTER_KEY_BYTES = 32;

export interface MasterKey {
  /** Tells keys apart without saying anything of them: the first 8 bytes of a SHA-256, in hex. */
  readonly id: string;
  /** Prints as an object without its bytes. */
  readonly key: KeyObject;
}

/** Throws a TypeError when there are not 32 bytes. */
export function parseMasterKey(bytes: Uint8Array): MasterKey {
  if (bytes.byteLength !== MASTER_KEY_BYTES) {
    throw new TypeError(`A master key has ${MASTER_KEY_BYTES} bytes; this one has ${bytes.byteLength}.`);
  }
  const id = createHash('sha256').update('proxycast master key id\0').update(bytes).digest('hex').slice(0, 16);
  return { id, key: createSecretKey(bytes) };
}

/** The keys that can open records, by id. Two only while the key is being changed. */
export type Keyring = ReadonlyMap<string, MasterKey>;
