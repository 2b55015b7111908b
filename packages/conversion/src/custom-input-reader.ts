import { parseJson } from '@proxycast/wire';

/** Reads the free text of a custom tool out of `{"input":"…"}`, which arrives in pieces. */
export interface CustomInputReader {
  /** The text that is certain by now; empty when none is. */
  push(json: string): string;
  /** What is still to be said: the rest, or all of it where it did not have that form. */
  end(): string;
}

/** What stands in front of the text, white space left out. */
const OPENING = '{"input":"';

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

export function createCustomInputReader(): CustomInputReader {
  return new IncrementalReader();
}

class IncrementalReader implements CustomInputReader {
  #state: 'opening' | 'text' | 'closed' | 'other' = 'opening';
  /** Until the text begins, all that has come; later the piece of an escape or half a surrogate pair that has not ended. */
  #pending = '';
  /** How much of OPENING has come. */
  #opened = 0;

  push(json: string): string {
    if (this.#state === 'text') return this.#readText(json);
    if (this.#state === 'closed') return '';
    if (this.#state === 'other') {
      this.#pending += json;
      return '';
    }
    return this.#readOpening(json);
  }

  end(): string {
    const pending = this.#pending;
    this.#pending = '';
    if (this.#state === 'other') return textOfOther(pending);
    if (this.#state !== 'text') return '';
    // Half a surrogate pair is what the model said; half an escape is nothing yet.
    const backslash = pending.indexOf('\\');
    return backslash < 0 ? pending : pending.slice(0, backslash);
  }

  #readOpening(json: string): string {
    for (let at = 0; at < json.length; at++) {
      const character = json[at] ?? '';
      if (character === OPENING[this.#opened]) {
        this.#opened++;
        if (this.#opened < OPENING.length) continue;
        this.#state = 'text';
        this.#pending = '';
        return this.#readText(json.slice(at + 1));
      }
      if (isWhiteSpace(character) && !isInsideName(this.#opened)) continue;
      this.#state = 'other';
      break;
    }
    this.#pending += json;
    return '';
  }

  #readText(piece: string): string {
    const json = this.#pending + piece;
    this.#pending = '';
    let text = '';
    let at = 0;
    while (at < json.length) {
      const stop = nextSpecial(json, at);
      text += json.slice(at, stop);
      at = stop;
      if (at >= json.length) break;
      if (json[at] === '"') {
        this.#state = 'closed';
        return text;
      }
      const length = json[at + 1] === 'u' ? 6 : 2;
      if (at + length > json.length) {
        this.#pending = json.slice(at);
        break;
      }
      text += decodeEscape(json.slice(at, at + length));
      at += length;
    }
    return this.#withoutHalfPair(text);
  }

  /** A character outside the basic plane is two escapes or two units: both go out together. */
  #withoutHalfPair(text: string): string {
    const last = text.charCodeAt(text.length - 1);
    if (last < 0xd800 || last > 0xdbff) return text;
    this.#pending = text.slice(-1) + this.#pending;
    return text.slice(0, -1);
  }
}

const isWhiteSpace = (character: string): boolean =>
  character === ' ' || character === '\n' || character === '\r' || character === '\t';

/** Between the quotes of `"input"` a blank is a part of the name. */
const isInsideName = (opened: number): boolean => opened > 1 && opened < '{"input"'.length;

function nextSpecial(json: string, from: number): number {
  for (let at = from; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === 0x22 || code === 0x5c) return at;
  }
  return json.length;
}

/** What an escape stands for; itself where it stands for nothing. */
function decodeEscape(written: string): string {
  const code = written.slice(2);
  if (written.length === 6) {
    return /^[0-9a-fA-F]{4}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 16)) : written;
  }
  return ESCAPES[written.slice(1)] ?? written;
}

/** Fields in another order, another spelling of the name, or no such object at all: then the text is what came. */
function textOfOther(json: string): string {
  const value = parseJson(json);
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return json;
  if ('input' in value && typeof value.input === 'string') return value.input;
  return Object.keys(value).length === 0 ? '' : json;
}
