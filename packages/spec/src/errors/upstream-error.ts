import { type ErrorKind, ProxyCastError } from './proxycast-error.ts';

/** The upstream answered with an error, or not in a way its dialect allows. */
export class UpstreamError extends ProxyCastError {
  /** HTTP status of the upstream; absent when there was no answer. */
  readonly upstreamStatus?: number;

  constructor(details: {
    readonly code: string;
    readonly message: string;
    readonly kind?: ErrorKind;
    readonly upstreamStatus?: number;
    readonly retryAfterMs?: number;
    readonly cause?: unknown;
  }) {
    const kind = details.kind ?? 'upstream-failed';
    // What an upstream refuses because of the payload is for the client to mend, whoever says so.
    const fault = kind === 'invalid-request' || kind === 'too-large' ? 'client' : 'upstream';
    super({ ...details, kind, fault });
    if (details.upstreamStatus !== undefined) this.upstreamStatus = details.upstreamStatus;
  }
}
