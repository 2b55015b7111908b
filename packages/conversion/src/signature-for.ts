import type { Signature } from '@proxycast/spec';

/** Who is to be sent a signature: its origin as `{protocol}:{provider}` and the base id of its dialect. */
export interface SignatureReader {
  readonly origin: string;
  readonly dialect: string;
}

/**
 * The value, where the upstream made it: the origin is equal, or it is the bare dialect, which is what a client sent as
 * that dialect's own. `undefined` otherwise: it must not be sent there.
 */
export function signatureFor(signature: Signature, { origin, dialect }: SignatureReader): string | undefined {
  return signature.origin === origin || signature.origin === dialect ? signature.value : undefined;
}
