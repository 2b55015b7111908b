import { isObject } from '@proxycast/wire';

/** The count of CountTokens; `undefined` when it did not say. */
export function decodeTokenCount(body: unknown): number | undefined {
  const count = isObject(body) ? body['inputTokens'] : undefined;
  return typeof count === 'number' && count >= 0 ? count : undefined;
}
