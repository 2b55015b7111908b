import { Readable } from 'node:stream';
import type { ChunkedBytes } from '@proxycast/wire';

/**
 * A request body as undici takes it. Several pieces go out one after the other: joining them would copy megabytes.
 * A new one for each attempt.
 */
export function bodyToSend({ chunks, length }: ChunkedBytes): Buffer | Readable | null {
  if (length === 0) return null;
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  let next = 0;
  return new Readable({
    read() {
      const chunk = chunks[next];
      next++;
      this.push(chunk ?? null);
    },
  });
}
