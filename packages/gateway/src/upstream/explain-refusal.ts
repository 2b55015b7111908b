import { type FailureVerdict, ProxyCastError } from '@proxycast/spec';
import type { Refusal } from './classify-failure.ts';

/**
 * A refusal as the provider explains it: its code and words go before those of the dialect. The service's own answer is not
 * shown: who has to explain it does not speak the dialect in its errors.
 */
export function explainRefusal(refusal: Refusal, verdict: FailureVerdict, nowMs: number): Refusal {
  const { code, kind, fault, next, coolDown, condition } = verdict;
  const { error, received } = refusal;
  const message = verdict.message ?? (condition?.type === 'suspended' ? condition.words : undefined);
  const retryAfterMs = coolDown === undefined ? error.retryAfterMs : Math.max(0, coolDown.until - nowMs);
  return {
    error: new ProxyCastError({
      code,
      // Our credential that a service rejects is not the client's: a 401 would send its owner the wrong way.
      kind: kind === 'authentication' ? 'upstream-failed' : kind,
      fault,
      message: message ?? error.message,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      cause: error,
    }),
    next,
    ...(received === undefined ? {} : { received }),
  };
}
