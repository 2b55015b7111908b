import type { Signature } from '@proxycast/spec';
import { decodeBase64Text } from './base64-text.ts';
import { SIGNATURE_MARK, SIGNATURE_TAG } from './tag-signature.ts';

/** Undoes `tagSignature`; a text it did not make has the bare dialect as its origin. */
export function readSignature(text: string, dialect: string): Signature {
  return (text.startsWith(SIGNATURE_TAG) ? readTagged(text) : undefined) ?? { origin: dialect, value: text };
}

function readTagged(text: string): Signature | undefined {
  const tagged = decodeBase64Text(text);
  if (tagged === undefined) return undefined;
  const lineFeed = tagged.indexOf('\n', SIGNATURE_MARK.length);
  if (lineFeed <= SIGNATURE_MARK.length) return undefined;
  return { origin: tagged.slice(SIGNATURE_MARK.length, lineFeed), value: tagged.slice(lineFeed + 1) };
}
