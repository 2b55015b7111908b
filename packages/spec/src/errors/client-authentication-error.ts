import { ProxyCastError } from './proxycast-error.ts';

/** No client key, an unknown one, a revoked or an expired one. */
export class ClientAuthenticationError extends ProxyCastError {
  constructor(details: {
    readonly code: 'missing_api_key' | 'invalid_api_key' | 'revoked_api_key' | 'expired_api_key';
    readonly message: string;
  }) {
    super({ ...details, kind: 'authentication', fault: 'client' });
  }
}
