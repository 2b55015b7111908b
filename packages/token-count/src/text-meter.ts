import { cutText } from './cut-text.ts';
import type { CountPiece } from './load-encoding.ts';

/** Tokens of texts, and how many of them stand for scripts that the families' own tokenizers treat differently. */
export interface TextTokens {
  readonly tokens: number;
  /** Of `tokens`, those of Chinese, Japanese, Korean and other wide scripts. */
  readonly wide: number;
}

/**
 * Over all texts of a request, in UTF-16 units: some 125,000 tokens, and two seconds of work at the
 * very worst. What is longer is taken to go on as it began.
 */
export const MAX_COUNTED_UNITS = 500_000;

const FIRST_WIDE_UNIT = 0x2e80;
const NO_TOKENS: TextTokens = { tokens: 0, wide: 0 };
/** Where nothing was counted before. */
const USUAL_TOKENS_PER_UNIT = 0.3;

/** Counts the texts of one request within a bound. */
export class TextMeter {
  readonly #countPiece: CountPiece;
  #left: number;
  #countedUnits = 0;
  #countedTokens = 0;

  constructor(countPiece: CountPiece, maxUnits: number = MAX_COUNTED_UNITS) {
    this.#countPiece = countPiece;
    this.#left = maxUnits;
  }

  count(text: string): TextTokens {
    if (text === '') return NO_TOKENS;
    const counted = text.length <= this.#left ? text : text.slice(0, this.#left);
    this.#left -= counted.length;
    let tokens = 0;
    let wide = 0;
    cutText(counted, (piece) => {
      const found = this.#countPiece(piece);
      tokens += found;
      wide += found * wideShareOf(piece);
    });
    this.#countedUnits += counted.length;
    this.#countedTokens += tokens;
    const rest = text.length - counted.length;
    if (rest === 0) return { tokens, wide };
    const perUnit = this.#countedUnits === 0 ? USUAL_TOKENS_PER_UNIT : this.#countedTokens / this.#countedUnits;
    const wideShare = tokens === 0 ? 0 : wide / tokens;
    return { tokens: tokens + rest * perUnit, wide: wide + rest * perUnit * wideShare };
  }
}

function wideShareOf(piece: string): number {
  let found = 0;
  for (let at = 0; at < piece.length; at++) if (piece.charCodeAt(at) >= FIRST_WIDE_UNIT) found++;
  return found / piece.length;
}
