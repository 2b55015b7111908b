import type { IncomingMessage } from 'node:http';
import { GatewayError, ProxyCastError } from '@proxycast/spec';
import type { FailureThrottle } from './failure-throttle.ts';

/** Runs one proof under the throttle. Throws when there is to be waited, or when the proof fails. */
export function proveIdentity(
  request: IncomingMessage,
  throttle: FailureThrottle,
  isProven: () => boolean,
  failureMessage: string,
): void {
  const address = request.socket.remoteAddress ?? '';
  const retryAfterMs = throttle.waitMs(address);
  if (retryAfterMs > 0) {
    throw new GatewayError({
      code: 'too_many_logins',
      kind: 'rate-limited',
      message: `Too many wrong tokens. Wait ${Math.ceil(retryAfterMs / 1000)} s and try again.`,
      retryAfterMs,
    });
  }
  if (!isProven()) {
    throttle.countFailure(address);
    throw new ProxyCastError({ code: 'wrong_token', kind: 'authentication', fault: 'client', message: failureMessage });
  }
  throttle.countSuccess(address);
}
