import type { JsonObject } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';

/** `extra_content.google` of a call or a message: where Gemini's endpoint of this dialect puts what it signs. */
export function googleContentOf({ extra_content: extra }: JsonObject): JsonObject | undefined {
  return isObject(extra) && isObject(extra.google) ? extra.google : undefined;
}

export const thoughtSignatureOf = (holder: JsonObject): string | undefined =>
  textOf(googleContentOf(holder)?.thought_signature);

export const withThoughtSignature = (signature: string): JsonObject => ({
  extra_content: { google: { thought_signature: signature } },
});
