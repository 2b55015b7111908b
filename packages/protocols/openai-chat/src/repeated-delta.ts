import type { StreamEvent } from '@proxycast/spec';

/** The fields that hold the text of a delta, each with the beginning of its value. */
const FIELDS = {
  'text-delta': ['"content":"'],
  'thinking-delta': ['"reasoning_content":"', '"reasoning":"'],
} as const;
/** Fields of random text at the end of a chunk, which hide how long its text is. */
const PADDINGS = ['"obfuscation":"', '"p":"'];
const CLOSE = '"}';

/**
 * A chunk that says something, and by it every one that differs from it in its text alone. Nearly all chunks of a stream
 * are of this kind, and reading them as JSON costs more than all the rest of their conversion.
 */
export class RepeatedDelta {
  readonly #type: 'text-delta' | 'thinking-delta';
  readonly #block: number;
  /** Everything up to the text, its opening quote included; and everything behind it, without the random text. */
  readonly #before: string;
  readonly #behind: string;
  readonly #isPadded: boolean;

  private constructor(
    event: { readonly type: 'text-delta' | 'thinking-delta'; readonly block: number },
    before: string,
    behind: string,
  ) {
    this.#type = event.type;
    this.#block = event.block;
    this.#before = before;
    const padding = PADDINGS.find((field) => behind.includes(field));
    const at = padding === undefined ? -1 : behind.indexOf(padding) + padding.length;
    this.#isPadded = at >= 0 && endsPadding(behind, at);
    this.#behind = this.#isPadded ? behind.slice(0, at) : behind;
  }

  /** `undefined` when the chunk said more than one piece of text, or its text is not to be found in it beyond doubt. */
  static of(data: string, said: readonly StreamEvent[], from: number): RepeatedDelta | undefined {
    const event = said[from];
    if (said.length !== from + 1 || event === undefined) return undefined;
    if (event.type !== 'text-delta' && event.type !== 'thinking-delta') return undefined;
    if ('logprobs' in event) return undefined;
    for (const field of FIELDS[event.type]) {
      const at = data.indexOf(field);
      if (at < 0) continue;
      const start = at + field.length;
      const end = start + event.text.length;
      // Twice the same field, or a text that is written with escapes: the next chunk may be plainer.
      if (data.includes(field, start) || data[end] !== '"' || data.slice(start, end) !== event.text) return undefined;
      return new RepeatedDelta(event, data.slice(0, start), data.slice(end));
    }
    return undefined;
  }

  /** The text of a chunk of this kind; `undefined` for every other. */
  read(data: string): string | undefined {
    const start = this.#before.length;
    // Compared as slices: `startsWith` goes character by character, and takes seven times as long.
    if (data.slice(0, start) !== this.#before) return undefined;
    const end = endOfString(data, start);
    const rest = end + this.#behind.length;
    if (end < 0 || data.slice(end, rest) !== this.#behind) return undefined;
    if (this.#isPadded ? !endsPadding(data, rest) : rest !== data.length) return undefined;
    const text = data.slice(start, end);
    return text.includes('\\') ? parseString(data.slice(start - 1, end + 1)) : text;
  }

  event(text: string): StreamEvent {
    return { type: this.#type, block: this.#block, text };
  }
}

/** Whether nothing but random text and the end of the chunk follows. */
function endsPadding(data: string, from: number): boolean {
  return data.endsWith(CLOSE) && data.indexOf('"', from) === data.length - CLOSE.length;
}

/** Where the quote is that ends the string whose text begins at `start`; -1 when there is none. */
function endOfString(data: string, start: number): number {
  for (let quote = data.indexOf('"', start); quote >= 0; quote = data.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (quote - backslashes > start && data.charCodeAt(quote - backslashes - 1) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote;
  }
  return -1;
}

const BACKSLASH = 92;

/** `undefined` when it is no JSON: the reader of whole chunks says so. */
function parseString(json: string): string | undefined {
  try {
    const text: unknown = JSON.parse(json);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
