import type { LoginPolled, NewPluginCredential, PluginParams } from '@proxycast/spec/plugin';
import type { CallContext, LoginCapability } from '../provider-definition.ts';
import { createPendingLogins } from './pending-logins.ts';
import type { TokenAnswer, TokenFailure } from './request-token.ts';

/** What a device authorization endpoint answered (RFC 8628, 3.2), in our names. */
export interface DeviceCode<Kept> {
  readonly userCode: string;
  readonly verificationUrl: string;
  readonly verificationUrlComplete?: string;
  readonly intervalMs: number;
  readonly expiresInMs: number;
  /** Whatever `poll` needs: the device code, a client, a verifier. */
  readonly kept: Kept;
}

export interface DeviceLoginParts<Kept> {
  begin(
    params: PluginParams<'login.start'>,
    context: CallContext,
  ): Promise<DeviceCode<Kept> | { readonly failed: string }>;
  /** One request of the token endpoint. */
  poll(kept: Kept, context: CallContext): Promise<TokenAnswer | TokenFailure>;
  finish(tokens: TokenAnswer, kept: Kept, context: CallContext): Promise<NewPluginCredential>;
}

interface Pending<Kept> {
  readonly kept: Kept;
  intervalMs: number;
  nextAt: number;
  /** A poll is on its way: its device code must not be sent twice. */
  isPolling: boolean;
}

/** RFC 8628, 3.5: what `slow_down` adds. */
const SLOW_DOWN_MS = 5000;

/** The device code flow (RFC 8628): a person enters a code on another page while the host asks whether it is done. */
export function createDeviceLogin<Kept>(parts: DeviceLoginParts<Kept>): LoginCapability {
  const pending = createPendingLogins<Pending<Kept>>();
  return {
    async start(params, context) {
      const begun = await parts.begin(params, context);
      if ('failed' in begun) return { type: 'failed', code: 'device_code_refused', message: begun.failed };
      const expiresAt = context.now() + begun.expiresInMs;
      const intervalMs = Math.min(Math.max(begun.intervalMs, 1000), 60_000);
      pending.add(
        params.login_id,
        { kept: begun.kept, intervalMs, nextAt: context.now() + intervalMs, isPolling: false },
        expiresAt,
        context.now(),
      );
      return {
        type: 'device_code',
        user_code: begun.userCode,
        verification_url: begun.verificationUrl,
        ...(begun.verificationUrlComplete === undefined
          ? {}
          : { verification_url_complete: begun.verificationUrlComplete }),
        interval_ms: intervalMs,
        expires_at: expiresAt,
      };
    },
    async poll(loginId, context): Promise<LoginPolled> {
      const login = pending.get(loginId, context.now());
      if (login === undefined) {
        return { type: 'failed', code: 'expired', message: 'The code has run out. Start the login again.' };
      }
      const waitMs = login.nextAt - context.now();
      if (waitMs > 0 || login.isPolling) return later(Math.max(waitMs, 500));
      login.isPolling = true;
      try {
        const answer = await parts.poll(login.kept, context);
        if (answer.type === 'tokens') {
          pending.remove(loginId);
          return { type: 'done', credential: await parts.finish(answer, login.kept, context) };
        }
        switch (answer.error) {
          case 'slow_down':
            login.intervalMs += SLOW_DOWN_MS;
            break;
          case 'authorization_pending':
            break;
          default:
            // A service that stumbles is asked again; one that says no is not.
            if (answer.status >= 500 || answer.status === 429) {
              login.intervalMs = Math.min(login.intervalMs * 2, 60_000);
              break;
            }
            pending.remove(loginId);
            return {
              type: 'failed',
              code: answer.error,
              message: answer.description || 'The service refused the login.',
            };
        }
        login.nextAt = context.now() + login.intervalMs;
        return later(login.intervalMs);
      } finally {
        login.isPolling = false;
      }
    },
    cancel: (loginId) => pending.remove(loginId),
  };
}

const later = (waitMs: number): LoginPolled => ({ type: 'pending', retry_after_ms: Math.ceil(Math.max(500, waitMs)) });
