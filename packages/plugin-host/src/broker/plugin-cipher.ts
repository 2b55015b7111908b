import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { RpcError } from '@proxycast/plugin-rpc';
import { RPC_CODES } from '@proxycast/spec/plugin';

/** Seals bytes so that only this plugin, with the same context, opens them. */
export interface PluginCipher {
  seal(plain: Uint8Array, context: string): Uint8Array;
  /** Throws RpcError for bytes that were changed, are of another plugin, or of another context. */
  open(sealed: Uint8Array, context: string): Uint8Array;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** A key of a plugin's own for one purpose, from one secret of the host's: HKDF-SHA-256 (RFC 5869). */
export function derivePluginKey(secret: Uint8Array, plugin: string, purpose: 'crypto' | 'kv'): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'proxycast plugin keys', `${purpose}\0${plugin}`, KEY_BYTES));
}

/** AES-256-GCM: version, nonce, ciphertext, tag. */
export function createPluginCipher(key: Uint8Array): PluginCipher {
  return {
    seal(plain, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(`${VERSION}\0${context}`));
      return Buffer.concat([Uint8Array.of(VERSION), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, context) {
      const start = 1 + NONCE_BYTES;
      const tagStart = sealed.byteLength - TAG_BYTES;
      if (tagStart < start || sealed[0] !== VERSION) throw cannotOpen();
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, start), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(`${VERSION}\0${context}`));
      decipher.setAuthTag(sealed.subarray(tagStart));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(start, tagStart)), decipher.final()]);
      } catch {
        throw cannotOpen();
      }
    },
  };
}

const cannotOpen = (): RpcError =>
  new RpcError(RPC_CODES.invalidParams, 'These bytes were not sealed by this plugin in this context.', {
    code: 'cannot_open',
  });
