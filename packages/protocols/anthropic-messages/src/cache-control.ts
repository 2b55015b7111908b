import type { CacheMark } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';

const EPHEMERAL: JsonObject = { type: 'ephemeral' };

/** The mark, where it says nothing but what ours can; `undefined` for another, which travels as it is. */
export function readCacheControl(value: unknown): CacheMark | undefined {
  if (!isObject(value) || value.type !== 'ephemeral') return undefined;
  const { ttl } = value;
  const fields = Object.keys(value).length;
  if (ttl === undefined) return fields === 1 ? {} : undefined;
  return (ttl === '5m' || ttl === '1h') && fields === 2 ? { ttl } : undefined;
}

export function encodeCacheControl({ ttl }: CacheMark): JsonObject {
  return ttl === undefined ? EPHEMERAL : { type: 'ephemeral', ttl };
}
