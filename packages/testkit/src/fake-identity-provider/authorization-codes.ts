import { OAuthRefusal, required } from './oauth-answer.ts';
import { checkVerifier } from './pkce.ts';
import type { IssuedTokens, TokenFamilies, TokenFamily } from './token-families.ts';

interface Code {
  readonly account: string;
  readonly scope: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly expiresAt: number;
  isSpent: boolean;
  family?: TokenFamily;
}

/** A minute: RFC 6749 section 4.1.2 allows ten at most. */
const LIFETIME_MS = 60_000;

export function createAuthorizationCodes({
  families,
  now,
  newCode,
}: {
  readonly families: TokenFamilies;
  readonly now: () => number;
  readonly newCode: () => string;
}) {
  const codes = new Map<string, Code>();
  return {
    give(grant: Pick<Code, 'account' | 'scope' | 'redirectUri' | 'challenge'>): string {
      const text = newCode();
      codes.set(text, { ...grant, expiresAt: now() + LIFETIME_MS, isSpent: false });
      return text;
    },

    /** Good for one try. Whoever brings a spent one ends what came of it (RFC 6749 section 4.1.2). Throws OAuthRefusal. */
    redeem(form: URLSearchParams): IssuedTokens {
      const code = codes.get(required(form, 'code'));
      if (code === undefined) throw new OAuthRefusal('invalid_grant', 'The code is unknown.');
      if (code.isSpent) {
        if (code.family !== undefined) code.family.isRevoked = true;
        throw new OAuthRefusal('invalid_grant', 'The code was used before.');
      }
      code.isSpent = true;
      if (code.expiresAt <= now()) throw new OAuthRefusal('invalid_grant', 'The code has expired.');
      if (required(form, 'redirect_uri') !== code.redirectUri) {
        throw new OAuthRefusal('invalid_grant', 'redirect_uri is not the one the code was given for.');
      }
      checkVerifier(form, code.challenge);
      const { family, tokens } = families.begin(code.account, code.scope);
      code.family = family;
      return tokens;
    },
  };
}
