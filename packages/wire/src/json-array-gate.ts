import { type FrameGate, MAX_HELD_FRAME_BYTES } from './frame-gate.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The same for a JSON array that arrives piece by piece: an element passes when it has closed, its comma with the
 * next one, and the closing bracket at once.
 */
export function createJsonArrayGate(maxHeldBytes = MAX_HELD_FRAME_BYTES): FrameGate {
  const state = { depth: 0, isInString: false, isEscaped: false };
  let held: Buffer[] = [];
  let heldBytes = 0;

  const restOf = (): Buffer => Buffer.concat(held, heldBytes);

  /** One past the last byte at which an element or the array closed; 0 when none did. */
  const scan = (chunk: Buffer): number => {
    let boundary = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (state.isInString) {
        if (state.isEscaped) state.isEscaped = false;
        else if (byte === BACKSLASH) state.isEscaped = true;
        else if (byte === QUOTE) state.isInString = false;
        continue;
      }
      switch (byte) {
        case QUOTE:
          state.isInString = true;
          break;
        case 0x7b: // {
        case 0x5b: // [
          state.depth++;
          break;
        case 0x7d: // }
        case 0x5d: // ]
          state.depth--;
          if (state.depth <= 1) boundary = at + 1;
          break;
      }
    }
    return boundary;
  };

  return {
    push(chunk) {
      const boundary = scan(chunk);
      held.push(chunk);
      heldBytes += chunk.length;
      if (boundary === 0 && heldBytes <= maxHeldBytes) return undefined;
      const bytes = restOf();
      const cut = boundary === 0 ? bytes.length : bytes.length - (chunk.length - boundary);
      const kept = bytes.subarray(cut);
      held = kept.length > 0 ? [kept] : [];
      heldBytes = kept.length;
      return bytes.subarray(0, cut);
    },
    rest: restOf,
  };
}
