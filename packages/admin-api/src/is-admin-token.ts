import { isSameDigest } from './is-same-digest.ts';
import { sha256Hex } from './sha256-hex.ts';

export function isAdminToken(token: string, hashes: readonly string[]): boolean {
  const hash = sha256Hex(token);
  // Every hash is compared, so the time does not tell which one it was.
  return hashes.filter((candidate) => isSameDigest(hash, candidate)).length > 0;
}
