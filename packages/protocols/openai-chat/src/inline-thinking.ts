const OPEN = '<think>';
const CLOSE = '</think>';

/** A piece of text and whether it is thinking. */
export interface InlinePiece {
  readonly text: string;
  readonly isThinking: boolean;
}

/**
 * Cuts the thinking out of a text that begins with `<think>`, as models write it whose server does not. Only the beginning
 * counts: further on the word is the text's own. Holds back no more than a mark that has not come whole.
 */
export class InlineThinkingReader {
  /** `gap`: behind the closing mark, where blanks stand between thinking and text. */
  #state: 'before' | 'fresh' | 'inside' | 'gap' | 'after' = 'before';
  #held = '';

  push(text: string): readonly InlinePiece[] {
    if (this.#state === 'after') return text === '' ? [] : [{ text, isThinking: false }];
    this.#held += text;
    switch (this.#state) {
      case 'before':
        return this.#begin();
      case 'gap':
        return this.#skipGap();
      default:
        return this.#think();
    }
  }

  /** What was held back, at the end of the text. */
  end(): readonly InlinePiece[] {
    const text = this.#held;
    this.#held = '';
    return text === '' ? [] : [{ text, isThinking: this.#state === 'inside' || this.#state === 'fresh' }];
  }

  #begin(): readonly InlinePiece[] {
    const text = this.#held.trimStart();
    if (text.startsWith(OPEN)) {
      this.#state = 'fresh';
      this.#held = text.slice(OPEN.length);
      return this.#think();
    }
    if (OPEN.startsWith(text)) return [];
    this.#state = 'after';
    return this.end();
  }

  #think(): readonly InlinePiece[] {
    if (this.#state === 'fresh') this.#held = this.#held.trimStart();
    const close = this.#held.indexOf(CLOSE);
    const end = close >= 0 ? close : this.#held.length - lengthOfStartedMark(this.#held);
    const text = this.#held.slice(0, end);
    this.#held = this.#held.slice(close >= 0 ? close + CLOSE.length : end);
    if (text !== '') this.#state = 'inside';
    const thinking = text === '' ? [] : [{ text, isThinking: true }];
    if (close < 0) return thinking;
    this.#state = 'gap';
    return [...thinking, ...this.#skipGap()];
  }

  #skipGap(): readonly InlinePiece[] {
    this.#held = this.#held.trimStart();
    if (this.#held === '') return [];
    this.#state = 'after';
    return this.end();
  }
}

/** How many characters at the end may be the beginning of the closing mark. */
function lengthOfStartedMark(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(CLOSE.slice(0, length))) return length;
  }
  return 0;
}
