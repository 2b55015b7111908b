import { type Frame, UpstreamError } from '@proxycast/spec';
import { parseJson } from './json-value.ts';
import { createUtf8Pieces } from './utf8-pieces.ts';

/** What a frame that has not ended may hold, in characters. One network read more may have come before it is noticed. */
export const MAX_FRAME_CHARACTERS = 16 * 1024 * 1024;

/**
 * Bytes of server-sent events in, the frames that are complete out (HTML standard, 9.2.6): lines end with LF, CR LF or
 * CR, comments and fields other than `event` and `data` are passed over, a frame without data is none. Throws
 * UpstreamError for a frame over `maxFrameCharacters`, after what came before it has been given.
 */
export function createSseReader(maxFrameCharacters = MAX_FRAME_CHARACTERS): {
  push(chunk: Uint8Array): readonly Frame[];
  /** The stream has closed: the last frame where only its blank line is missing, nothing where it was cut. */
  end(): readonly Frame[];
} {
  const reader = new SseReader(maxFrameCharacters);
  return {
    push: (chunk) => reader.push(chunk),
    end: () => reader.end(),
  };
}

const NO_FRAMES: readonly Frame[] = [];

const LF = 0x0a;
const BLANK = 0x20;
const COLON = 0x3a;

class SseReader {
  readonly #maxFrameCharacters: number;
  readonly #pieces = createUtf8Pieces();
  #isStart = true;
  /** The last line ended with CR: an LF that follows belongs to it. */
  #isAfterCr = false;
  /** The start of a line that has not ended. */
  #line = '';
  #event: string | undefined;
  #data: string | undefined;

  constructor(maxFrameCharacters: number) {
    this.#maxFrameCharacters = maxFrameCharacters;
  }

  push(chunk: Uint8Array): readonly Frame[] {
    if (this.#line.length + (this.#data?.length ?? 0) > this.#maxFrameCharacters) throw tooLarge();
    const text = this.#pieces.push(chunk);
    return text === '' ? NO_FRAMES : this.#read(text);
  }

  end(): readonly Frame[] {
    const frames: Frame[] = [];
    const line = this.#line + this.#pieces.end();
    this.#line = '';
    if (line !== '') this.#readLine(line, 0, line.length);
    const data = this.#data;
    if (data !== undefined && !isCut(data)) this.#endFrame(frames);
    return frames;
  }

  #read(text: string): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    if (this.#isStart) {
      this.#isStart = false;
      if (text.charCodeAt(0) === 0xfeff) at = 1;
    }
    if (this.#isAfterCr) {
      this.#isAfterCr = false;
      if (text.charCodeAt(at) === LF) at++;
    }
    // Searched for again only when passed: a stream without it is searched once for each chunk.
    let cr = text.indexOf('\r', at);
    let lf = text.indexOf('\n', at);
    while (lf >= 0 || cr >= 0) {
      const isCr = cr >= 0 && (lf < 0 || cr < lf);
      const end = isCr ? cr : lf;
      if (this.#line !== '') {
        const line = this.#line + text.slice(at, end);
        this.#line = '';
        this.#readLine(line, 0, line.length);
      } else if (end === at) this.#endFrame(frames);
      else this.#readLine(text, at, end);
      at = end + 1;
      if (isCr) {
        if (at === text.length) this.#isAfterCr = true;
        else if (text.charCodeAt(at) === LF) at++;
        cr = text.indexOf('\r', at);
        if (lf >= 0 && lf < at) lf = text.indexOf('\n', at);
      } else lf = text.indexOf('\n', at);
    }
    if (at < text.length) this.#line += at === 0 ? text : text.slice(at);
    return frames;
  }

  #endFrame(frames: Frame[]): void {
    const data = this.#data;
    const event = this.#event;
    this.#data = undefined;
    this.#event = undefined;
    if (data === undefined || data === '') return;
    frames.push(event === undefined ? { data } : { event, data });
  }

  #readLine(text: string, from: number, to: number): void {
    switch (text.charCodeAt(from)) {
      case 0x64: // d
        if (!isField('data', text, from, to)) return;
        this.#data =
          this.#data === undefined
            ? fieldValue(text, from + 4, to)
            : `${this.#data}\n${fieldValue(text, from + 4, to)}`;
        return;
      case 0x65: // e
        if (isField('event', text, from, to)) this.#event = fieldValue(text, from + 5, to);
        return;
    }
  }
}

/** Whether a line is of that field: a colon follows its name, or nothing. */
function isField(name: string, text: string, from: number, to: number): boolean {
  const end = from + name.length;
  return end <= to && text.startsWith(name, from) && (end === to || text.charCodeAt(end) === COLON);
}

/** What follows the colon and one blank. */
function fieldValue(text: string, colon: number, to: number): string {
  if (colon >= to) return '';
  return text.slice(text.charCodeAt(colon + 1) === BLANK && colon + 1 < to ? colon + 2 : colon + 1, to);
}

/** Whether data of a frame that lacks its blank line lacks more than that. */
function isCut(data: string): boolean {
  if (data.startsWith('{')) return parseJson(data) === undefined;
  return data.startsWith('[') && !data.endsWith(']');
}

function tooLarge(): UpstreamError {
  return new UpstreamError({
    code: 'upstream_frame_too_large',
    message: 'The upstream sent an event that is larger than ProxyCast takes.',
  });
}
