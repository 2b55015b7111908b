import { GatewayError, ProxyCastError } from '@proxycast/spec';

/** Whatever was thrown, as an error with a code; what is not ours is private. */
export function toProxyCastError(thrown: unknown): ProxyCastError {
  if (thrown instanceof ProxyCastError) return thrown;
  return new GatewayError({
    code: 'internal_error',
    kind: 'internal',
    message: 'The admin API failed.',
    isPublic: false,
    cause: thrown,
  });
}
