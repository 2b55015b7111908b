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

/**
 * The client key a request carries. The lookup is by SHA-256 of a 256-bit random key, so its timing tells nothing of
 * any key. Throws ClientAuthenticationError.
 */
export function authenticate(
  presented: PresentedKey,
  clientKeys: ReadonlyMap<string, ClientKey>,
  now: EpochMs,
): ClientKey {
  const key = presentedKey(presented);
  if (key === undefined || key === '') {
    throw new ClientAuthenticationError({
      code: 'missing_api_key',
      message: 'No API key. Send a ProxyCast client key as Authorization: Bearer, x-api-key, x-goog-api-key or ?key=.',
    });
  }
  const found = key.length > MAX_KEY_LENGTH ? undefined : clientKeys.get(hash('sha256', key, 'hex'));
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
}
