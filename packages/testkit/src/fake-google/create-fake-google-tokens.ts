import { verify } from 'node:crypto';
import { createServer } from 'node:http';
import { isObject, type JsonObject, parseJson } from '../json.ts';

export interface FakeGoogleTokens extends AsyncDisposable {
  readonly url: string;
  /** How many tokens were given out, and the one that is valid now. */
  readonly issued: () => number;
  readonly token: () => string;
  /** Whether a token was given out here and has not ended. */
  readonly isToken: (token: string) => boolean;
}

const LIFETIME_SECONDS = 3_599;

/** Google's token endpoint on loopback: verifies the assertion's signature, its claims and their times. */
export async function createFakeGoogleTokens(options: {
  readonly publicKey: string;
  readonly clientEmail: string;
  /** The key's id, which the assertion must name; absent: it is not looked at. */
  readonly keyId?: string;
  readonly now?: () => number;
}): Promise<FakeGoogleTokens> {
  const now = options.now ?? Date.now;
  const endings = new Map<string, number>();
  let issued = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const fault = findFault(new URLSearchParams(Buffer.concat(chunks).toString('utf8')), options);
      const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
      if (fault !== undefined || request.method !== 'POST' || !isForm) {
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify({ error: 'invalid_grant', error_description: fault ?? 'A POST of a form is needed' }),
        );
        return;
      }
      issued++;
      const token = `ya29.token-${issued}`;
      endings.set(token, now() + LIFETIME_SECONDS * 1_000);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: token, expires_in: LIFETIME_SECONDS, token_type: 'Bearer' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('No port.');
  return {
    url: `http://127.0.0.1:${address.port}/token`,
    issued: () => issued,
    token: () => `ya29.token-${issued}`,
    isToken: (token) => (endings.get(token) ?? 0) > now(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function findFault(
  form: URLSearchParams,
  {
    publicKey,
    clientEmail,
    keyId,
    now = Date.now,
  }: {
    readonly publicKey: string;
    readonly clientEmail: string;
    readonly keyId?: string;
    readonly now?: () => number;
  },
): string | undefined {
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return 'Invalid grant_type.';
  const [head = '', payload = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const header = decode(head);
  const claims = decode(payload);
  if (header?.alg !== 'RS256' || header.typ !== 'JWT' || claims === undefined) return 'Invalid JWT.';
  if (keyId !== undefined && header.kid !== keyId) return 'Invalid JWT: the key id is not known.';
  if (!verify('sha256', Buffer.from(`${head}.${payload}`), publicKey, Buffer.from(signature, 'base64url')))
    return 'Invalid JWT Signature.';
  if (claims.iss !== clientEmail) return 'Invalid issuer.';
  if (claims.aud !== 'https://oauth2.googleapis.com/token') return 'Invalid audience.';
  if (claims.scope !== 'https://www.googleapis.com/auth/cloud-platform') return 'Invalid scope.';
  const seconds = now() / 1_000;
  const { iat, exp } = claims;
  if (typeof iat !== 'number' || typeof exp !== 'number' || iat > seconds + 300 || exp < seconds || exp - iat > 3_600) {
    return 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.';
  }
  return undefined;
}

function decode(part: string): JsonObject | undefined {
  const value = parseJson(Buffer.from(part, 'base64url').toString('utf8'));
  return isObject(value) ? value : undefined;
}
