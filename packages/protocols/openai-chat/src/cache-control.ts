import type { CacheMark } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';

/** `cache_control` as several services take it on parts and tools, in Anthropic's form. */
export function decodeCacheControl(value: unknown): CacheMark | undefined {
  if (!isObject(value)) return undefined;
  return value.ttl === '5m' || value.ttl === '1h' ? { ttl: value.ttl } : {};
}

export const encodeCacheControl = ({ ttl }: CacheMark): JsonObject =>
  ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl };
