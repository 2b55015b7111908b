import { ProxyCastError } from './proxycast-error.ts';

/** The client sent something that cannot be honoured. Names the field where there is one. */
export class InvalidRequestError extends ProxyCastError {
  constructor(details: {
    readonly code?: string;
    readonly message: string;
    readonly field?: string;
    readonly cause?: unknown;
  }) {
    super({
      kind: 'invalid-request',
      fault: 'client',
      ...details,
      code: details.code ?? 'invalid_request',
    });
  }
}
