import { OAuthRefusal } from './oauth-answer.ts';

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}

export interface TokenRules {
  readonly accessLifetimeMs: number;
  readonly refreshLifetimeMs: number;
  /** For so long a refresh token that was spent gives tokens once more: an answer may have been lost. 0: never. */
  readonly graceMs: number;
  /** A spent token that comes again after the grace ends every token of its login (RFC 9700 section 4.14.2). */
  readonly revokesFamily: boolean;
  /** Whether a refresh gives another refresh token; else the same one stays. */
  readonly rotates: boolean;
}

/** All tokens that came of one login. */
export interface TokenFamily {
  readonly account: string;
  readonly scope: string;
  isRevoked: boolean;
}

interface RefreshToken {
  readonly family: TokenFamily;
  readonly expiresAt: number;
  firstSpentAt?: number;
}

export function createTokenFamilies({
  rules,
  now,
  newToken,
}: {
  readonly rules: TokenRules;
  readonly now: () => number;
  readonly newToken: (kind: 'at' | 'rt') => string;
}) {
  const refreshTokens = new Map<string, RefreshToken>();
  const accessTokens = new Map<string, { readonly family: TokenFamily; readonly expiresAt: number }>();

  function issue(family: TokenFamily, kept?: string): IssuedTokens {
    const accessToken = newToken('at');
    accessTokens.set(accessToken, { family, expiresAt: now() + rules.accessLifetimeMs });
    const refreshToken = kept ?? newToken('rt');
    if (kept === undefined) refreshTokens.set(refreshToken, { family, expiresAt: now() + rules.refreshLifetimeMs });
    return { accessToken, refreshToken, expiresInSeconds: Math.floor(rules.accessLifetimeMs / 1_000) };
  }

  /** Why a token would not be taken now; `undefined`: it would be. */
  function faultOf(token: RefreshToken | undefined): 'unknown' | 'revoked' | 'expired' | 'reused' | undefined {
    if (token === undefined) return 'unknown';
    if (token.family.isRevoked) return 'revoked';
    if (token.expiresAt <= now()) return 'expired';
    const isOver = token.firstSpentAt !== undefined && now() - token.firstSpentAt > rules.graceMs;
    return rules.rotates && (isOver || (token.firstSpentAt !== undefined && rules.graceMs === 0))
      ? 'reused'
      : undefined;
  }

  return {
    begin(account: string, scope: string): { readonly family: TokenFamily; readonly tokens: IssuedTokens } {
      const family: TokenFamily = { account, scope, isRevoked: false };
      return { family, tokens: issue(family) };
    },

    /** Throws OAuthRefusal. */
    refresh(text: string, scope: string | undefined): { readonly family: TokenFamily; readonly tokens: IssuedTokens } {
      const token = refreshTokens.get(text);
      const fault = faultOf(token);
      if (token === undefined || fault !== undefined) {
        if (fault === 'reused' && token !== undefined && rules.revokesFamily) token.family.isRevoked = true;
        throw new OAuthRefusal('invalid_grant', `The refresh token is ${fault}.`);
      }
      const granted = token.family.scope.split(' ');
      if (scope?.split(' ').some((one) => !granted.includes(one)) === true) {
        throw new OAuthRefusal('invalid_scope', 'The login does not have that scope.');
      }
      token.firstSpentAt ??= now();
      return { family: token.family, tokens: issue(token.family, rules.rotates ? undefined : text) };
    },

    /** Of a token of either kind; whether there was one. */
    familyOf: (text: string): TokenFamily | undefined =>
      refreshTokens.get(text)?.family ?? accessTokens.get(text)?.family,
    isTaken: (text: string): boolean => faultOf(refreshTokens.get(text)) === undefined,
    accountOf(text: string): string | undefined {
      const token = accessTokens.get(text);
      return token === undefined || token.family.isRevoked || token.expiresAt <= now()
        ? undefined
        : token.family.account;
    },
    revokeAccount(account: string): void {
      for (const { family } of refreshTokens.values()) if (family.account === account) family.isRevoked = true;
    },
  };
}

export type TokenFamilies = ReturnType<typeof createTokenFamilies>;
