import type { ProviderRecord } from '@proxycast/spec';
import type { KeyHeaders } from './provider-type.ts';

const NO_HEADERS: readonly string[] = [];

/** How a row says its key is sent; `undefined` where it leaves that to its type. A prefix alone goes into `authorization`. */
export function keyHeadersOf({
  authHeader,
  authPrefix,
}: Pick<ProviderRecord, 'authHeader' | 'authPrefix'>): KeyHeaders | undefined {
  if (authHeader === undefined && authPrefix === undefined) return undefined;
  if (authHeader === 'none') return () => NO_HEADERS;
  const name = authHeader ?? 'authorization';
  const prefix = authPrefix ?? (name === 'authorization' ? 'Bearer ' : '');
  return (secret) => (secret === '' ? NO_HEADERS : [name, `${prefix}${secret}`]);
}
