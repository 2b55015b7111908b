import { type Frame, UpstreamError } from '@proxycast/spec';
import { MAX_FRAME_CHARACTERS } from './sse-reader.ts';
import { createUtf8Pieces } from './utf8-pieces.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const NO_FRAMES: readonly Frame[] = [];

/**
 * Bytes of a JSON array in, a frame with the text of each element that is complete out. An object that stands alone counts
 * as an element too, since that is how some errors come. Throws UpstreamError for one over `maxFrameCharacters`.
 */
export function createJsonArrayReader(maxFrameCharacters = MAX_FRAME_CHARACTERS): {
  push(chunk: Uint8Array): readonly Frame[];
  /** The stream has closed. An element that was cut is none. */
  end(): readonly Frame[];
} {
  const reader = new JsonArrayReader(maxFrameCharacters);
  return {
    push: (chunk) => reader.push(chunk),
    end: () => NO_FRAMES,
  };
}

class JsonArrayReader {
  readonly #maxFrameCharacters: number;
  readonly #pieces = createUtf8Pieces();
  /** The start of an element that has not ended. */
  #held = '';
  /** Brackets open inside the element; 0 between elements. */
  #depth = 0;
  #isInArray = false;
  #isInString = false;
  #isEscaped = false;

  constructor(maxFrameCharacters: number) {
    this.#maxFrameCharacters = maxFrameCharacters;
  }

  push(chunk: Uint8Array): readonly Frame[] {
    if (this.#held.length > this.#maxFrameCharacters) throw tooLarge();
    const text = this.#pieces.push(chunk);
    return text === '' ? NO_FRAMES : this.#read(text);
  }

  #read(text: string): Frame[] {
    const frames: Frame[] = [];
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      if (this.#isInString) {
        at = this.#endOfString(text, at);
        continue;
      }
      switch (text.charCodeAt(at)) {
        case QUOTE:
          // Between elements there is no string that matters: the services answer with objects.
          if (this.#depth > 0) this.#isInString = true;
          break;
        case 0x5b: // [
          if (this.#depth === 0 && !this.#isInArray) this.#isInArray = true;
          else if (this.#depth++ === 0) start = at;
          break;
        case 0x7b: // {
          if (this.#depth++ === 0) start = at;
          break;
        case 0x5d: // ]
        case 0x7d: // }
          if (this.#depth === 0) this.#isInArray = false;
          else if (--this.#depth === 0) {
            frames.push({ data: this.#held + text.slice(start, at + 1) });
            this.#held = '';
          }
          break;
      }
    }
    if (this.#depth > 0) this.#held += start === 0 ? text : text.slice(start);
    return frames;
  }

  /** The place of the quote that ends the string, or the end of the text where it goes on in the next chunk. */
  #endOfString(text: string, from: number): number {
    const start = this.#isEscaped ? from + 1 : from;
    for (let at = start; ; ) {
      const quote = text.indexOf('"', at);
      const end = quote < 0 ? text.length : quote;
      const isEscaped = (end - firstBackslashBefore(text, end, start)) % 2 === 1;
      if (quote < 0) {
        this.#isEscaped = isEscaped;
        return end;
      }
      if (!isEscaped) {
        this.#isEscaped = false;
        this.#isInString = false;
        return end;
      }
      at = quote + 1;
    }
  }
}

/** Where the backslashes directly before a place begin, which is the place itself where there are none. */
function firstBackslashBefore(text: string, place: number, start: number): number {
  let first = place;
  while (first > start && text.charCodeAt(first - 1) === BACKSLASH) first--;
  return first;
}

function tooLarge(): UpstreamError {
  return new UpstreamError({
    code: 'upstream_frame_too_large',
    message: 'The upstream sent an element that is larger than ProxyCast takes.',
  });
}
