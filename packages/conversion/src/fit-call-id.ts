import { encodeBase64Text } from './base64-text.ts';
import { hashText } from './hash-text.ts';
import { REVERSIBLE_PREFIX } from './original-call-id.ts';

/** The limits of a dialect on ids of calls. */
export interface CallIdRule {
  /** Matches a whole id that may go as it is. Must not be global or sticky. */
  readonly pattern: RegExp;
  /** In characters. */
  readonly maxLength: number;
  /** Set where ids have one length and no room for a prefix: only letters and digits are used then. */
  readonly exactLength?: number;
}

const HASH_PREFIX = 'pch_';
const HASH_LENGTH = 24;

/**
 * An id within a dialect's limits, the same for the same id, so that a history is the same bytes in every turn.
 * Where there is room `originalCallId` finds the id again. Never empty.
 */
export function fitCallId(id: string, rule: CallIdRule): string {
  if (id.length <= rule.maxLength && id !== '' && rule.pattern.test(id)) return id;
  if (rule.exactLength !== undefined) return hashText(id, rule.exactLength);
  // Four characters for three bytes, and no character has less than one byte: longer ones need no try.
  if (id !== '' && REVERSIBLE_PREFIX.length + (id.length * 4) / 3 <= rule.maxLength) {
    const reversible = REVERSIBLE_PREFIX + toBase64Url(encodeBase64Text(id));
    if (reversible.length <= rule.maxLength) return reversible;
  }
  return (HASH_PREFIX + hashText(id, HASH_LENGTH)).slice(0, rule.maxLength);
}

function toBase64Url(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
