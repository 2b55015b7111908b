import { readSignature, SIGNATURE_TAG, UNSIGNED } from '@proxycast/conversion';
import type { Signature } from '@proxycast/spec';
import { GEMINI } from './base-id.ts';

/** Documented for calls whose signature is lost: https://ai.google.dev/gemini-api/docs/thought-signatures, seen 2026-11-24. */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

/** The signature a part carries; `undefined` where it carries none. */
export function decodeSignature(text: unknown): Signature | undefined {
  if (typeof text !== 'string' || text === '' || text === UNSIGNED) return undefined;
  // google-genai for Python writes bytes in the URL's alphabet, so a tagged text comes back in it.
  const isTagged = text.startsWith(SIGNATURE_TAG);
  return readSignature(isTagged ? text.replaceAll('-', '+').replaceAll('_', '/') : text, GEMINI);
}

/** Whether another dialect's service made it: then it belongs to thinking, not to the part it stands on. */
export function isForeign({ origin }: Signature): boolean {
  return origin !== GEMINI && !origin.startsWith(`${GEMINI}:`);
}
