import { type ErrorKind, ProxyCastError } from './proxycast-error.ts';

/** ProxyCast itself cannot serve now: shutting down, over a bound, or a fault of its own (then private). */
export class GatewayError extends ProxyCastError {
  constructor(details: {
    readonly code: string;
    readonly kind: ErrorKind;
    readonly message: string;
    readonly isPublic?: boolean;
    readonly retryAfterMs?: number;
    readonly cause?: unknown;
  }) {
    super({ ...details, fault: 'gateway' });
  }
}
