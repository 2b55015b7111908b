import { timingSafeEqual } from 'node:crypto';

/** Compares two digests in hex without telling by its time how much of them is equal. */
export function isSameDigest(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left, 'hex');
  const rightBytes = Buffer.from(right, 'hex');
  return leftBytes.length === rightBytes.length && leftBytes.length > 0 && timingSafeEqual(leftBytes, rightBytes);
}
