import type { ChunkedBytes } from '@proxycast/wire';

/** Whether the bytes hold these, across the seams of their pieces too, however small those are. */
export function bytesInclude({ chunks }: ChunkedBytes, wanted: Buffer): boolean {
  const overlap = wanted.length - 1;
  /** The last bytes of the pieces before, too few to hold what is wanted. */
  let before: Buffer | undefined;
  for (const chunk of chunks) {
    if (before !== undefined && Buffer.concat([before, chunk.subarray(0, overlap)]).includes(wanted)) return true;
    if (chunk.includes(wanted)) return true;
    before =
      before === undefined || chunk.length >= overlap
        ? chunk.subarray(Math.max(0, chunk.length - overlap))
        : Buffer.concat([before, chunk]).subarray(-overlap);
  }
  return false;
}
