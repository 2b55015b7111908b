import type { CredentialReport } from '@proxycast/credentials';
import type { FailureVerdict, ProxyCastError } from '@proxycast/spec';

/** What a refusal says of the credential. */
export function credentialReport(error: ProxyCastError, verdict: FailureVerdict | undefined): CredentialReport {
  if (verdict !== undefined) {
    const { kind, fault, coolDown, condition } = verdict;
    return {
      type: 'failed',
      // Whatever it is called: what a client did wrong is no fault of the credential.
      kind: fault === 'client' ? 'invalid-request' : kind,
      ...(coolDown === undefined ? {} : { coolDown }),
      ...(condition === undefined ? {} : { condition }),
    };
  }
  return {
    type: 'failed',
    // Our rejected key reaches the client as the upstream's failure; for the key itself it is what it is.
    kind: error.code === 'upstream_authentication' ? 'authentication' : error.kind,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}
