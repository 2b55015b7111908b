import { OAuthRefusal, required } from './oauth-answer.ts';
import type { IssuedTokens, TokenFamilies } from './token-families.ts';

interface DeviceLogin {
  readonly userCode: string;
  readonly scope: string;
  readonly expiresAt: number;
  intervalMs: number;
  /** The first poll may come at once. */
  polledAt?: number;
  /** The account that let it in, or that it was turned away. */
  decision?: { readonly account: string } | 'denied';
  isSpent: boolean;
}

/** Source: RFC 8628 section 3.5: five seconds more after each poll that came too soon. */
const SLOWER_BY_MS = 5_000;

export function createDeviceLogins({
  families,
  now,
  newCode,
  lifetimeMs,
  intervalMs,
}: {
  readonly families: TokenFamilies;
  readonly now: () => number;
  readonly newCode: (kind: 'device' | 'user') => string;
  readonly lifetimeMs: number;
  readonly intervalMs: number;
}) {
  const logins = new Map<string, DeviceLogin>();
  return {
    start(scope: string) {
      const deviceCode = newCode('device');
      const userCode = newCode('user');
      logins.set(deviceCode, { userCode, scope, expiresAt: now() + lifetimeMs, intervalMs, isSpent: false });
      return { deviceCode, userCode, expiresInSeconds: lifetimeMs / 1_000, intervalSeconds: intervalMs / 1_000 };
    },

    /** What the person says on the page; whether a login waits for that code. */
    decide(userCode: string, decision: { readonly account: string } | 'denied'): boolean {
      const login = [...logins.values()].find((one) => one.userCode === userCode);
      if (login === undefined || login.decision !== undefined || login.expiresAt <= now()) return false;
      login.decision = decision;
      return true;
    },

    /** Throws OAuthRefusal. */
    poll(form: URLSearchParams): IssuedTokens {
      const login = logins.get(required(form, 'device_code'));
      if (login === undefined || login.isSpent) {
        throw new OAuthRefusal('invalid_grant', 'The device code is unknown or was used.');
      }
      const isTooSoon = login.polledAt !== undefined && now() - login.polledAt < login.intervalMs;
      login.polledAt = now();
      if (login.expiresAt <= now()) throw new OAuthRefusal('expired_token', 'The device code has expired.');
      if (isTooSoon) {
        login.intervalMs += SLOWER_BY_MS;
        throw new OAuthRefusal('slow_down', 'It is asked too often.');
      }
      if (login.decision === undefined)
        throw new OAuthRefusal('authorization_pending', 'The person has not decided yet.');
      login.isSpent = true;
      if (login.decision === 'denied') throw new OAuthRefusal('access_denied', 'The person said no.');
      return families.begin(login.decision.account, login.scope).tokens;
    },
  };
}
