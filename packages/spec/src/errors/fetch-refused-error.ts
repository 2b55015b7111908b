import { ProxyCastError } from './proxycast-error.ts';

/** An address that came from outside was not fetched, or what it gave was not taken. Whoever named it has to mend it. */
export class FetchRefusedError extends ProxyCastError {
  constructor(details: {
    readonly code: string;
    readonly message: string;
    readonly field?: string;
    readonly cause?: unknown;
  }) {
    super({ kind: 'invalid-request', fault: 'client', ...details });
  }
}
