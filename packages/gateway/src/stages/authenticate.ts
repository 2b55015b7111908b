import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ClientAuthenticationError, type ClientKey, type EpochMs } from '@proxycast/spec';

// A header of this length is no key; hashing it would only spend time.
const MAX_KEY_LENGTH = 512;

export interface PresentedKey {
  readonly headers: IncomingHttpHeaders;
  /** The query with its `?`, or empty. */
  readonly query: string;
}

/** The key in any of the ways clients send one; the first that is there counts. */
export function presentedKey({ headers, query }: PresentedKey): string | undefined {
  const authorization = headers.authorization;
  if (
    authorization !== undefined &&
    authorization.length > 7 &&
    authorization.slice(0, 7).toLowerCase() === 'bearer '
  ) {
    return authorization.slice(7).trim();
  }
  const apiKey = headers['x-api-key'] ?? headers['x-goog-api-key'];
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey;
  return query === '' ? undefined : (new URLSearchParams(query).get('key') ?? undefined);
}

// A few keys make nearly all requests; whoever sends made-up ones must not grow the memory.
const MAX_REMEMBERED_KEYS = 1_000;

export type Authenticate = (
  presented: PresentedKey,
  clientKeys: ReadonlyMap<string, ClientKey>,
  now: EpochMs,
) => ClientKey;

/**
 * Finds the client key a request carries. The lookup is by SHA-256 of a 256-bit random key, so its timing tells nothing
 * of any key; digests of keys that were found are remembered as long as the configuration is the same.
 * The returned function throws ClientAuthenticationError.
 */
export function createAuthenticate(): Authenticate {
  let rememberedOf: ReadonlyMap<string, ClientKey> | undefined;
  const remembered = new Map<string, ClientKey>();

  const find = (key: string, clientKeys: ReadonlyMap<string, ClientKey>): ClientKey | undefined => {
    if (key.length > MAX_KEY_LENGTH) return undefined;
    if (rememberedOf !== clientKeys) {
      rememberedOf = clientKeys;
      remembered.clear();
    }
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const found = clientKeys.get(hash('sha256', key, 'hex'));
    if (found !== undefined && remembered.size < MAX_REMEMBERED_KEYS) remembered.set(key, found);
    return found;
  };

  return (presented, clientKeys, now) => {
    const key = presentedKey(presented);
    if (key === undefined || key === '') {
      throw new ClientAuthenticationError({
        code: 'missing_api_key',
        message:
          'No API key. Send a ProxyCast client key as Authorization: Bearer, x-api-key, x-goog-api-key or ?key=.',
      });
    }
    const found = find(key, clientKeys);
    if (found === undefined) {
      throw new ClientAuthenticationError({
        code: 'invalid_api_key',
        message: 'This is not a client key of this ProxyCast. Vendor keys belong to its providers, not to its clients.',
      });
    }
    if (found.revokedAt !== undefined && found.revokedAt <= now) {
      throw new ClientAuthenticationError({
        code: 'revoked_api_key',
        message: `The client key ${JSON.stringify(found.name)} was revoked.`,
      });
    }
    if (found.expiresAt !== undefined && found.expiresAt <= now) {
      throw new ClientAuthenticationError({
        code: 'expired_api_key',
        message: `The client key ${JSON.stringify(found.name)} has expired.`,
      });
    }
    return found;
  };
}
