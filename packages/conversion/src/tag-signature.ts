import type { Signature } from '@proxycast/spec';
import { encodeBase64Text } from './base64-text.ts';
import { protocolOf } from './signature-origin.ts';

/**
 * Six bytes, so that their base64 is whole characters and stands at the front of every tagged text. It begins with an X:
 * bodies that pass are searched for it, and a search for a rare letter is thirty times as fast.
 */
export const SIGNATURE_MARK = '_pcsig';

/** The first characters of every tagged text, for a search in bytes. */
export const SIGNATURE_TAG = 'X3Bjc2ln';

/** The text a client of `dialect` (a base id) is given: the bare value where it is that dialect's own, else base64 with the tag in front. */
export function tagSignature(signature: Signature, dialect: string): string {
  const { origin, value } = signature;
  if (protocolOf(origin) === dialect) return value;
  return encodeBase64Text(`${SIGNATURE_MARK}${origin}\n${value}`);
}
