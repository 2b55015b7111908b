import { ProxyCastError } from './proxycast-error.ts';

export class RequestTooLargeError extends ProxyCastError {
  constructor(limitBytes: number) {
    super({
      code: 'request_too_large',
      kind: 'too-large',
      fault: 'client',
      message: `The request body is larger than ${limitBytes} bytes, the limit of this gateway (setting limits.max_body_bytes).`,
    });
  }
}
