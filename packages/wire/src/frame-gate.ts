/**
 * Lets whole frames of a stream through and keeps the piece of a frame that has not ended, so that a stream which
 * breaks off never leaves half a frame with the reader.
 */
export interface FrameGate {
  /** The bytes up to the last frame boundary seen so far; `undefined` when there is none yet. */
  push(chunk: Buffer): Buffer | undefined;
  /** What has arrived since the last boundary. */
  rest(): Buffer;
}

/** A frame larger than this passes in pieces: holding it would let one stream take the memory of all. */
export const MAX_HELD_FRAME_BYTES = 1024 * 1024;

const EMPTY = Buffer.alloc(0);

/** Finds one past the end of the last whole frame; 0 when there is none. */
export type FindLastBoundary = (bytes: Buffer) => number;

/** `maxHeldBytes` bounds what is kept; beyond it bytes pass as they are. */
export function createFrameGate(findLastBoundary: FindLastBoundary, maxHeldBytes = MAX_HELD_FRAME_BYTES): FrameGate {
  let pieces: Buffer[] = [];
  let heldBytes = 0;

  const rest = (): Buffer => {
    if (pieces.length === 0) return EMPTY;
    return pieces.length === 1 ? (pieces[0] ?? EMPTY) : Buffer.concat(pieces, heldBytes);
  };
  const hold = (piece: Buffer): void => {
    pieces = piece.length > 0 ? [piece] : [];
    heldBytes = piece.length;
  };
  /** Only the seam and the new chunk can hold a new boundary, so a long frame is not searched again and again. */
  const findBoundaryAfter = (chunk: Buffer): number => {
    const last = pieces[pieces.length - 1] ?? EMPTY;
    const seam = last.subarray(Math.max(0, last.length - BOUNDARY_BYTES_BEFORE_LAST));
    const boundary = findLastBoundary(Buffer.concat([seam, chunk]));
    return boundary === 0 ? 0 : heldBytes - seam.length + boundary;
  };

  return {
    push(chunk) {
      const boundary = heldBytes === 0 ? findLastBoundary(chunk) : findBoundaryAfter(chunk);
      if (boundary === chunk.length && heldBytes === 0) return chunk;
      const isOverBound = heldBytes + chunk.length - boundary > maxHeldBytes;
      if (boundary === 0 && !isOverBound) {
        pieces.push(chunk);
        heldBytes += chunk.length;
        return undefined;
      }
      const bytes = heldBytes === 0 ? chunk : Buffer.concat([...pieces, chunk], heldBytes + chunk.length);
      if (isOverBound) {
        hold(EMPTY);
        return bytes;
      }
      hold(bytes.subarray(boundary));
      return bytes.subarray(0, boundary);
    },
    rest,
  };
}

// The longest boundary is CR LF CR LF; its last byte is always in the new chunk.
const BOUNDARY_BYTES_BEFORE_LAST = 3;
