import { decodeBase64Text } from './base64-text.ts';

/** In front of the base64url of an id that did not fit. */
export const REVERSIBLE_PREFIX = 'pc_';

/** Undoes `fitCallId` where it can be undone; every other id comes back as it is. */
export function originalCallId(id: string): string {
  if (!id.startsWith(REVERSIBLE_PREFIX) || id.length === REVERSIBLE_PREFIX.length) return id;
  const base64Url = id.slice(REVERSIBLE_PREFIX.length);
  if (base64Url.includes('+') || base64Url.includes('/') || base64Url.includes('=')) return id;
  const base64 = base64Url.replaceAll('-', '+').replaceAll('_', '/');
  return decodeBase64Text(base64 + '='.repeat((4 - (base64.length % 4)) % 4)) ?? id;
}
