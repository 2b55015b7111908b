import { GatewayError } from '@proxycast/spec';

/** Bytes of request bodies in memory, over all requests. */
export interface BufferBudget {
  usedBytes: number;
}

/** Gives bytes back that count against the budget, once. */
export function releaserOf(budget: BufferBudget, bytes: number): () => void {
  let heldBytes = bytes;
  return () => {
    budget.usedBytes -= heldBytes;
    heldBytes = 0;
  };
}

/** What was put into a request counts as well. Answers what gives all of it back. Throws GatewayError when there is no room. */
export function holdMore(
  budget: BufferBudget,
  added: { readonly bytes: number; readonly maxBufferedBytes: number; readonly releaseBody: () => void },
): () => void {
  const { bytes, maxBufferedBytes, releaseBody } = added;
  if (bytes <= 0) return releaseBody;
  if (budget.usedBytes + bytes > maxBufferedBytes) throw memoryFull();
  budget.usedBytes += bytes;
  const releaseMore = releaserOf(budget, bytes);
  return () => {
    releaseBody();
    releaseMore();
  };
}

export const memoryFull = (): GatewayError =>
  new GatewayError({
    code: 'request_memory_full',
    kind: 'overloaded',
    message: 'ProxyCast holds as many request bytes as it may (setting limits.max_buffered_bytes). Try again shortly.',
    retryAfterMs: 1_000,
  });
