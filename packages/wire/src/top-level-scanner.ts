/** A field of the outermost object, as byte positions in the body. */
export interface TopLevelField {
  readonly key: string;
  /** Position of the key's opening quote. */
  readonly keyStart: number;
  readonly valueStart: number;
  /** One past the value's last byte. */
  readonly valueEnd: number;
}

/**
 * `ambiguous`: a key is written twice or with escapes, so an upstream could read another value there than this scan
 * did. `broken`: no object, or JSON that breaks off. Both carry the fields found until then.
 */
export interface TopLevelScan {
  readonly type: 'object' | 'ambiguous' | 'broken';
  readonly fields: readonly TopLevelField[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Strings are searched for quotes and backslashes four bytes at a time, three times as fast as byte by byte on prose and
 * code, where an escape is never far. After this many bytes without one the string is long, as base64 is, and the native
 * search for a single byte wins (measured on Node 26, 2026-11-24).
 */
const LONG_STRING_BYTES = 4096;
/** Below it the view of a chunk as words costs more than it saves. */
const MIN_WORD_CHUNK_BYTES = 512;

const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const LOW_BITS = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const NO_WORDS = new Int32Array(0);

type State =
  | 'before-object'
  | 'before-first-key'
  | 'before-key'
  | 'key'
  | 'before-colon'
  | 'before-value'
  | 'string'
  | 'literal'
  | 'container'
  | 'container-string'
  | 'after-value'
  | 'after-object'
  | 'broken';

/**
 * Finds the fields of a JSON body's outermost object while the body arrives, without parsing the values and without
 * joining the chunks. Values are not checked to be JSON.
 */
export class TopLevelScanner {
  readonly #fields: TopLevelField[] = [];
  #state: State = 'before-object';
  /** Bytes in the chunks before this one. */
  #passed = 0;
  #depth = 0;
  #isEscaped = false;
  #isAmbiguous = false;
  #key = '';
  #keyStart = 0;
  #valueStart = 0;
  /** The chunk as aligned words, and where in the chunk they begin. */
  #words: Int32Array = NO_WORDS;
  #wordsStart = 0;

  push(chunk: Buffer): void {
    this.#viewWords(chunk);
    let at = 0;
    while (at < chunk.length && this.#state !== 'broken') {
      switch (this.#state) {
        case 'container':
          at = this.#skipContainer(chunk, at);
          break;
        case 'container-string':
          at = this.#skipString(chunk, at);
          if (at >= 0) this.#state = 'container';
          break;
        case 'string':
          at = this.#skipString(chunk, at);
          if (at >= 0) this.#endValue(at);
          break;
        case 'key':
          at = this.#readKey(chunk, at);
          break;
        case 'literal':
          at = this.#skipLiteral(chunk, at);
          break;
        default:
          at = this.#step(chunk, at);
      }
      if (at < 0) break;
    }
    this.#passed += chunk.length;
    this.#words = NO_WORDS;
  }

  end(): TopLevelScan {
    if (this.#state !== 'after-object') return { type: 'broken', fields: this.#fields };
    return { type: this.#isAmbiguous ? 'ambiguous' : 'object', fields: this.#fields };
  }

  /** Between tokens: takes one byte. */
  #step(chunk: Buffer, at: number): number {
    const byte = chunk[at];
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return at + 1;
    switch (this.#state) {
      case 'before-object':
        return this.#expect(byte === OPEN_BRACE, 'before-first-key', at);
      case 'before-first-key':
        if (byte === CLOSE_BRACE) return this.#expect(true, 'after-object', at);
        return this.#beginKey(byte, at);
      case 'before-key':
        return this.#beginKey(byte, at);
      case 'before-colon':
        return this.#expect(byte === COLON, 'before-value', at);
      case 'before-value':
        return this.#beginValue(byte, at);
      case 'after-value':
        if (byte === COMMA) return this.#expect(true, 'before-key', at);
        return this.#expect(byte === CLOSE_BRACE, 'after-object', at);
      default:
        return this.#expect(false, 'broken', at);
    }
  }

  #expect(isRight: boolean, next: State, at: number): number {
    this.#state = isRight ? next : 'broken';
    return at + 1;
  }

  #beginKey(byte: number | undefined, at: number): number {
    this.#key = '';
    this.#keyStart = this.#passed + at;
    return this.#expect(byte === QUOTE, 'key', at);
  }

  #readKey(chunk: Buffer, at: number): number {
    const end = this.#skipString(chunk, at);
    this.#key += chunk.toString('latin1', at, end < 0 ? chunk.length : end - 1);
    if (end < 0) return end;
    const key = this.#key;
    if (key.includes('\\') || this.#fields.some((field) => field.key === key)) this.#isAmbiguous = true;
    this.#state = 'before-colon';
    return end;
  }

  #beginValue(byte: number | undefined, at: number): number {
    this.#valueStart = this.#passed + at;
    switch (byte) {
      case QUOTE:
        this.#state = 'string';
        return at + 1;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        this.#depth = 1;
        this.#state = 'container';
        return at + 1;
      case COMMA:
      case COLON:
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        this.#state = 'broken';
        return at;
      default:
        this.#state = 'literal';
        return at + 1;
    }
  }

  #endValue(at: number): void {
    this.#fields.push({
      key: this.#key,
      keyStart: this.#keyStart,
      valueStart: this.#valueStart,
      valueEnd: this.#passed + at,
    });
    this.#state = 'after-value';
  }

  #skipLiteral(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === COMMA || byte === CLOSE_BRACE || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
        this.#endValue(at);
        return at;
      }
      // No literal holds these; without this an opening bracket would be taken for part of a number.
      if (byte === QUOTE || byte === COLON || byte === OPEN_BRACE || byte === OPEN_BRACKET || byte === CLOSE_BRACKET) {
        this.#state = 'broken';
        return at;
      }
    }
    return -1;
  }

  #skipContainer(chunk: Buffer, from: number): number {
    const length = chunk.length;
    let depth = this.#depth;
    let at = from;
    while (at < length) {
      const byte = chunk[at++];
      if (byte === QUOTE) {
        at = this.#skipString(chunk, at);
        if (at < 0) {
          this.#depth = depth;
          this.#state = 'container-string';
          return -1;
        }
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--;
        if (depth === 0) {
          this.#endValue(at);
          return at;
        }
      }
    }
    this.#depth = depth;
    return -1;
  }

  #viewWords(chunk: Buffer): void {
    if (chunk.length < MIN_WORD_CHUNK_BYTES) return;
    this.#wordsStart = (4 - (chunk.byteOffset & 3)) & 3;
    this.#words = new Int32Array(
      chunk.buffer,
      chunk.byteOffset + this.#wordsStart,
      (chunk.length - this.#wordsStart) >> 2,
    );
  }

  /** From inside a string to one past its closing quote; -1 when the chunk ends before. */
  #skipString(chunk: Buffer, from: number): number {
    const length = chunk.length;
    const words = this.#words;
    const wordsStart = this.#wordsStart;
    let at = from;
    if (this.#isEscaped) {
      this.#isEscaped = false;
      at++;
    }
    let longFrom = at + LONG_STRING_BYTES;
    while (at < length) {
      if (at >= longFrom) {
        const end = this.#skipLongString(chunk, at);
        if (end === RESUME) {
          at = this.#resumeAt;
          longFrom = at + LONG_STRING_BYTES;
          continue;
        }
        return end;
      }
      const offset = at - wordsStart;
      if ((offset & 3) === 0 && offset >= 0) {
        const stop = Math.min(words.length, (longFrom - wordsStart) >> 2);
        let word = offset >> 2;
        while (word < stop) {
          const bytes = words[word] ?? 0;
          const quotes = bytes ^ QUOTES;
          const backslashes = bytes ^ BACKSLASHES;
          // A byte that is zero after the exclusive or sets its high bit here; at worst a neighbour above it does too.
          if (((((quotes - LOW_BITS) & ~quotes) | ((backslashes - LOW_BITS) & ~backslashes)) & HIGH_BITS) !== 0) break;
          word++;
        }
        const skippedTo = wordsStart + (word << 2);
        if (skippedTo > at) {
          at = skippedTo;
          if (at >= length || at >= longFrom) continue;
        }
      }
      const byte = chunk[at++];
      if (byte === QUOTE) return at;
      if (byte === BACKSLASH) at++;
    }
    // One past the end: the last byte was a backslash, and what it escapes is in the next chunk.
    this.#isEscaped = at > length;
    return -1;
  }

  #resumeAt = 0;

  /** The same by native search; `RESUME` when it met an escaped quote: then others are near. */
  #skipLongString(chunk: Buffer, from: number): number {
    const quote = chunk.indexOf(QUOTE, from);
    const end = quote < 0 ? chunk.length : quote;
    let backslashes = 0;
    while (end - 1 - backslashes >= from && chunk[end - 1 - backslashes] === BACKSLASH) backslashes++;
    const isEscaped = backslashes % 2 === 1;
    if (quote < 0) {
      this.#isEscaped = isEscaped;
      return -1;
    }
    if (!isEscaped) return quote + 1;
    this.#resumeAt = quote + 1;
    return RESUME;
  }
}

const RESUME = -2;

/** The same for a body that is there whole. */
export function scanTopLevel(body: Buffer): TopLevelScan {
  const scanner = new TopLevelScanner();
  scanner.push(body);
  return scanner.end();
}
