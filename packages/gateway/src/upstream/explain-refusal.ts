import { type FailureVerdict, ProxyCastError } from '@proxycast/spec';
import type { Refusal } from './classify-failure.ts';
import type { AttemptOwner, UpstreamAttempt } from './upstream-attempt.ts';

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

/** Asks the provider what an error answer means; `undefined` where it has nothing to say. */
export function askWhy(
  { planned, credential, status, headers }: UpstreamAttempt,
  { received }: Refusal,
  { exchange, attemptNumber }: AttemptOwner,
): Promise<FailureVerdict | undefined> | undefined {
  const { transport } = planned.provider;
  if (transport.type !== 'plugin' || status === undefined || received === undefined) return undefined;
  return transport.explain?.({
    credentialId: credential.id,
    operation: exchange.match.endpoint.operation,
    model: planned.model,
    requestId: exchange.requestId,
    attemptNumber,
    status,
    headers,
    body: received,
  });
}
