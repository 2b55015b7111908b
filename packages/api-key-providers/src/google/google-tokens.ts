import { sign } from 'node:crypto';
import { type CredentialId, type EpochMs, InvalidRequestError, UpstreamError } from '@proxycast/spec';
import { isObject, type JsonObject, parseJson, textOf } from '@proxycast/wire';

/** The one place a signed assertion is sent to: a pasted file must not be able to name another. */
const TOKEN_URL = 'https://oauth2.googleapis.com/token';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const LIFETIME_SECONDS = 3_600;
/** A token is renewed this long before it ends, so that none ends on the way. */
const RENEW_BEFORE_MS = 120_000;

export interface ServiceAccount {
  readonly clientEmail: string;
  readonly privateKey: string;
  readonly privateKeyId: string | undefined;
  readonly projectId: string | undefined;
  readonly tokenUrl: string;
}

/** Reads a service-account file. Throws InvalidRequestError that says what is missing. */
export function parseServiceAccount(text: string): ServiceAccount {
  const value = parseJson(text);
  if (!isObject(value)) throw refusal('The key is no service-account file: it is not JSON.');
  if (value['type'] !== 'service_account') {
    throw refusal(`The key file has the type ${JSON.stringify(value['type'])}; it must be "service_account".`);
  }
  const { client_email: clientEmail, private_key: privateKey } = value;
  if (typeof clientEmail !== 'string' || typeof privateKey !== 'string' || !privateKey.includes('PRIVATE KEY')) {
    throw refusal(
      'The service-account file lacks client_email or private_key. Create a new JSON key in the Cloud console.',
    );
  }
  const tokenUrl = value['token_uri'];
  return {
    clientEmail,
    privateKey,
    privateKeyId: textOrNothing(value['private_key_id']),
    projectId: textOrNothing(value['project_id']),
    tokenUrl: typeof tokenUrl === 'string' && isLoopback(tokenUrl) ? tokenUrl : TOKEN_URL,
  };
}

export interface GoogleTokens {
  /** Rejects with an UpstreamError; its kind is `authentication` when the account was refused. */
  tokenFor(credentialId: CredentialId, secret: string): Promise<string>;
  /** The token of this key is not given again: it was refused, however long it had been given for. */
  forget(credentialId: CredentialId): void;
}

export interface GoogleTokensParts {
  readonly now: () => EpochMs;
  /** One small POST. Rejects with a ProxyCastError when there is no answer. */
  readonly post: (
    url: string,
    headers: readonly string[],
    body: string,
  ) => Promise<{ readonly status: number; readonly text: string }>;
}

/** Access tokens of service accounts, kept until shortly before they end; one exchange at a time for each key. */
export function createGoogleTokens({ now, post }: GoogleTokensParts): GoogleTokens {
  const kept = new Map<CredentialId, { readonly secret: string; readonly token: string; readonly endsAt: number }>();
  const running = new Map<CredentialId, Promise<string>>();

  const exchange = async (id: CredentialId, secret: string): Promise<string> => {
    const account = parseServiceAccount(secret);
    const { status, text } = await post(
      account.tokenUrl,
      ['content-type', 'application/x-www-form-urlencoded'],
      new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: createAssertion(account, now()),
      }).toString(),
    );
    const answer = parseJson(text);
    const token = isObject(answer) ? textOrNothing(answer['access_token']) : undefined;
    if (token === undefined) throw refused(status, isObject(answer) ? answer : {});
    const seconds =
      isObject(answer) && typeof answer['expires_in'] === 'number' ? answer['expires_in'] : LIFETIME_SECONDS;
    kept.set(id, { secret, token, endsAt: now() + seconds * 1_000 });
    return token;
  };

  return {
    tokenFor(id, secret) {
      const known = kept.get(id);
      if (known !== undefined && known.secret === secret && known.endsAt - RENEW_BEFORE_MS > now()) {
        return Promise.resolve(known.token);
      }
      let exchanging = running.get(id);
      if (exchanging === undefined) {
        exchanging = exchange(id, secret).finally(() => running.delete(id));
        running.set(id, exchanging);
      }
      return exchanging;
    },
    forget: (id) => {
      kept.delete(id);
    },
  };
}

/** A JWT of RFC 7523, signed with the account's key: RS256, at most one hour. */
export function createAssertion(account: ServiceAccount, nowMs: number): string {
  const issuedAt = Math.floor(nowMs / 1_000);
  const header = {
    alg: 'RS256',
    typ: 'JWT',
    ...(account.privateKeyId === undefined ? {} : { kid: account.privateKeyId }),
  };
  const claims = {
    iss: account.clientEmail,
    scope: SCOPE,
    aud: TOKEN_URL,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_SECONDS,
  };
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode(header)}.${encode(claims)}`;
  try {
    return `${signed}.${sign('sha256', Buffer.from(signed), account.privateKey).toString('base64url')}`;
  } catch (cause) {
    throw refusal(
      'The private_key of the service-account file cannot be read. Paste the file as it was downloaded.',
      cause,
    );
  }
}

/** Google's description tells a clock that is off from an account that is gone; both are `invalid_grant`. */
function refused(status: number, answer: JsonObject): UpstreamError {
  const isGrant = answer['error'] === 'invalid_grant';
  const isClock = isGrant && /timeframe|\biat\b|\bexp\b/i.test(textOf(answer['error_description']) ?? '');
  return new UpstreamError({
    code: isClock ? 'clock_wrong' : isGrant ? 'service_account_refused' : 'token_exchange_failed',
    kind: status >= 500 ? 'upstream-failed' : 'authentication',
    message: isClock
      ? 'Google refused the service account (invalid_grant): the clock of this machine is off by minutes. Set it, best by NTP.'
      : isGrant
        ? 'Google refused the service account (invalid_grant): it was deleted, or its key revoked or expired. Create a new JSON key in the Cloud console.'
        : `Google gave no token for the service account (status ${status}).`,
    upstreamStatus: status,
  });
}

/** A test or a proxy on the person's own machine. */
function isLoopback(text: string): boolean {
  return URL.canParse(text) && ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(text).hostname);
}

const textOrNothing = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const refusal = (message: string, cause?: unknown): InvalidRequestError =>
  new InvalidRequestError({
    code: 'service_account_invalid',
    message,
    field: 'key',
    ...(cause === undefined ? {} : { cause }),
  });
