import type { ChunkedBytes } from '@proxycast/wire';

/** A body in memory that both threads see; `release` when the other one has read it. */
export interface SharedBody {
  readonly bytes: Uint8Array;
  release(): void;
}

/** Kept from one body to the next; a larger one gets memory of its own. */
const KEPT_BYTES = 4 * 1024 * 1024;

/**
 * Memory through which bodies reach the conversion thread: copied once, in place of a joining and a cloning of megabytes that
 * the collector has to clear away (a third of the main thread's work on a 2 MB body).
 */
export function createSharedBytes(): { take(body: ChunkedBytes): SharedBody } {
  let kept: SharedArrayBuffer | undefined;
  return {
    take({ chunks, length }) {
      let memory: SharedArrayBuffer;
      if (length > KEPT_BYTES) memory = new SharedArrayBuffer(length);
      else {
        memory = kept ?? new SharedArrayBuffer(KEPT_BYTES);
        kept = undefined;
      }
      const bytes = new Uint8Array(memory, 0, length);
      let at = 0;
      for (const chunk of chunks) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
      return {
        bytes,
        release() {
          if (memory.byteLength === KEPT_BYTES) kept = memory;
        },
      };
    },
  };
}
