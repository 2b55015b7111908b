import type { ChunkedBytes } from '@proxycast/wire';

/** Whether the bytes hold these, across the seams of their pieces too. */
export function bytesInclude({ chunks }: ChunkedBytes, wanted: Buffer): boolean {
  let before: Buffer | undefined;
  for (const chunk of chunks) {
    if (before !== undefined) {
      const seam = Buffer.concat([before.subarray(-(wanted.length - 1)), chunk.subarray(0, wanted.length - 1)]);
      if (seam.includes(wanted)) return true;
    }
    if (chunk.includes(wanted)) return true;
    before = chunk;
  }
  return false;
}
