/**
 * A value that must not be printed. String conversion, JSON and `util.inspect` all give `[secret]`;
 * only `reveal()` gives the text, so a search for it finds every place that uses one.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}
