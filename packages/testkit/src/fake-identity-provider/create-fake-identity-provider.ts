import { createAuthorizationCodes } from './authorization-codes.ts';
import { createDeviceLogins } from './device-logins.ts';
import { type OAuthAnswer, type OAuthErrorCode, OAuthRefusal, optional, required } from './oauth-answer.ts';
import { readChallenge } from './pkce.ts';
import { createTokenFamilies, type IssuedTokens, type TokenRules } from './token-families.ts';

export interface FakeIdentityProviderOptions {
  readonly now?: () => number;
  readonly clientId?: string;
  /** Absent: a public client, which has none. */
  readonly clientSecret?: string;
  /** As registered. On loopback any port will do (RFC 8252 section 7.3). */
  readonly redirectUris?: readonly string[];
  readonly scopes?: readonly string[];
  readonly tokens?: Partial<TokenRules>;
  readonly device?: { readonly lifetimeMs?: number; readonly intervalMs?: number };
  /** Where its pages are; for links. */
  readonly origin?: string;
}

/** One token request, in the order they came. */
export interface TokenRequest {
  readonly at: number;
  readonly grant: string;
  /** The code or token that was presented. */
  readonly presented: string;
  /** Who asked, as far as they say. */
  readonly by?: string;
  readonly answer: 'tokens' | OAuthErrorCode;
}

export type AuthorizeAnswer =
  | { readonly type: 'redirect'; readonly location: string }
  /** The person sees a page: to that address nobody must be sent. */
  | { readonly type: 'page'; readonly status: number; readonly text: string };

export type PersonDecision = { readonly account: string } | 'denied';

/** An OAuth service that is as strict as the documents allow. Lives as long as a test: it forgets nothing. */
export interface FakeIdentityProvider {
  readonly clientId: string;
  /** The browser comes with an authorization request, and the person decides. */
  authorize(query: URLSearchParams, decision: PersonDecision): AuthorizeAnswer;
  startDevice(form: URLSearchParams): OAuthAnswer;
  decideDevice(userCode: string, decision: PersonDecision): boolean;
  token(form: URLSearchParams, by?: string): OAuthAnswer;
  revoke(form: URLSearchParams): OAuthAnswer;
  /** A login without its ceremony. */
  login(account: string): IssuedTokens;
  /** Every login of that account ends, as when the person changes the password. */
  endLogins(account: string): void;
  /** Whose access token it is; `undefined` for one that opens nothing. */
  accountOf(accessToken: string): string | undefined;
  /** Whether this refresh token would be taken now. */
  isTaken(refreshToken: string): boolean;
  readonly requests: readonly TokenRequest[];
  /** How often a refresh token or code was presented, by whoever or by one. */
  spends(token: string, by?: string): number;
}

const HOUR_MS = 3_600_000;
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export function createFakeIdentityProvider(options: FakeIdentityProviderOptions = {}): FakeIdentityProvider {
  const { now = Date.now, clientId = 'proxycast-test', clientSecret, origin = 'https://id.example' } = options;
  const redirectUris = options.redirectUris ?? ['http://127.0.0.1/callback'];
  const scopes = options.scopes ?? ['profile', 'inference', 'offline_access'];
  let counter = 0;
  const families = createTokenFamilies({
    rules: {
      accessLifetimeMs: HOUR_MS,
      refreshLifetimeMs: 90 * 24 * HOUR_MS,
      graceMs: 0,
      revokesFamily: true,
      rotates: true,
      ...options.tokens,
    },
    now,
    newToken: (kind) => `fake-${kind}-${++counter}-${'x'.repeat(24)}`,
  });
  const codes = createAuthorizationCodes({ families, now, newCode: () => `fake-code-${++counter}` });
  const devices = createDeviceLogins({
    families,
    now,
    newCode: (kind) => (kind === 'user' ? `USER-${String(++counter).padStart(4, '0')}` : `fake-device-${++counter}`),
    lifetimeMs: options.device?.lifetimeMs ?? 15 * 60_000,
    intervalMs: options.device?.intervalMs ?? 5_000,
  });
  const requests: TokenRequest[] = [];

  function checkClient(form: URLSearchParams): void {
    const isKnown = required(form, 'client_id') === clientId && optional(form, 'client_secret') === clientSecret;
    if (!isKnown) throw new OAuthRefusal('invalid_client', 'The client is unknown, or its secret is wrong.');
  }

  function readScope(form: URLSearchParams): string {
    const scope = optional(form, 'scope') ?? scopes.join(' ');
    const odd = scope.split(' ').find((one) => !scopes.includes(one));
    if (odd !== undefined) throw new OAuthRefusal('invalid_scope', `The scope ${odd} is unknown.`);
    return scope;
  }

  function answerOf(run: () => OAuthAnswer): OAuthAnswer {
    try {
      return run();
    } catch (error) {
      if (error instanceof OAuthRefusal) return error.toAnswer();
      throw error;
    }
  }

  function redeem(form: URLSearchParams, grant: string): IssuedTokens {
    checkClient(form);
    switch (grant) {
      case 'authorization_code':
        return codes.redeem(form);
      case 'refresh_token':
        return families.refresh(required(form, 'refresh_token'), optional(form, 'scope')).tokens;
      case DEVICE_GRANT:
        return devices.poll(form);
      default:
        throw new OAuthRefusal('unsupported_grant_type', `The grant type ${grant} is not one of this service.`);
    }
  }

  return {
    clientId,
    requests,

    authorize(query, decision) {
      const redirectUri = query.get('redirect_uri') ?? '';
      const isOurs = query.get('client_id') === clientId && redirectUris.some((one) => isSameTarget(one, redirectUri));
      if (!isOurs || query.getAll('redirect_uri').length > 1 || query.getAll('client_id').length > 1) {
        return { type: 'page', status: 400, text: 'The client or its redirect_uri is not registered.' };
      }
      const state = query.get('state') ?? '';
      const back = (answer: Readonly<Record<string, string>>): AuthorizeAnswer => {
        const location = new URL(redirectUri);
        for (const [name, value] of Object.entries({ ...answer, ...(state === '' ? {} : { state }) })) {
          location.searchParams.set(name, value);
        }
        return { type: 'redirect', location: location.href };
      };
      try {
        if (required(query, 'response_type') !== 'code') return back({ error: 'unsupported_response_type' });
        required(query, 'state');
        const challenge = readChallenge(query);
        const scope = readScope(query);
        if (decision === 'denied') return back({ error: 'access_denied' });
        return back({ code: codes.give({ account: decision.account, scope, redirectUri, challenge }) });
      } catch (error) {
        if (error instanceof OAuthRefusal) return back({ error: error.code, error_description: error.message });
        throw error;
      }
    },

    startDevice: (form) =>
      answerOf(() => {
        checkClient(form);
        const { deviceCode, userCode, expiresInSeconds, intervalSeconds } = devices.start(readScope(form));
        return {
          status: 200,
          body: {
            device_code: deviceCode,
            user_code: userCode,
            verification_uri: `${origin}/device`,
            verification_uri_complete: `${origin}/device?user_code=${userCode}`,
            expires_in: expiresInSeconds,
            interval: intervalSeconds,
          },
        };
      }),
    decideDevice: devices.decide,

    token(form, by) {
      const grant = form.get('grant_type') ?? '';
      const presented = form.get('refresh_token') ?? form.get('code') ?? form.get('device_code') ?? '';
      const note = (answer: TokenRequest['answer']): void => {
        requests.push({ at: now(), grant, presented, ...(by === undefined ? {} : { by }), answer });
      };
      return answerOf(() => {
        try {
          required(form, 'grant_type');
          const { accessToken, refreshToken, expiresInSeconds } = redeem(form, grant);
          note('tokens');
          return {
            status: 200,
            body: {
              access_token: accessToken,
              token_type: 'Bearer',
              expires_in: expiresInSeconds,
              // One that stays is not told again.
              ...(refreshToken === presented ? {} : { refresh_token: refreshToken }),
            },
          };
        } catch (error) {
          if (error instanceof OAuthRefusal) note(error.code);
          throw error;
        }
      });
    },

    revoke: (form) =>
      answerOf(() => {
        checkClient(form);
        const family = families.familyOf(required(form, 'token'));
        if (family !== undefined) family.isRevoked = true;
        // Also for a token that is not known (RFC 7009 section 2.2).
        return { status: 200, body: {} };
      }),

    login: (account) => families.begin(account, scopes.join(' ')).tokens,
    endLogins: families.revokeAccount,
    accountOf: families.accountOf,
    isTaken: families.isTaken,
    spends: (token, by) =>
      requests.filter(({ presented, by: who }) => presented === token && (by === undefined || who === by)).length,
  };
}

function isSameTarget(registered: string, asked: string): boolean {
  if (!URL.canParse(asked)) return false;
  const [one, other] = [new URL(registered), new URL(asked)];
  if (one.hostname === '127.0.0.1' || one.hostname === '[::1]') other.port = one.port;
  return one.href === other.href;
}
