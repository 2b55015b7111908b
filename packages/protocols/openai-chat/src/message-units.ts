import type { Signature } from '@proxycast/spec';
import type { CarriedSignature } from './carried-signature.ts';

/** A block of an answer as far as a client of the dialect can tell it from its neighbours. */
export interface MessageUnit {
  readonly kind: 'thinking' | 'summary' | 'redacted' | 'text' | 'other';
  /** In the text of its kind, in UTF-16 units. */
  start: number;
  end: number;
  signature?: Signature;
}

/**
 * The signatures of an answer with their places. A message has one text and one thinking: pieces that nobody signed run
 * together there and are one, which is how the reader of the next request finds the places again.
 */
export function carriedOf(units: readonly MessageUnit[]): readonly CarriedSignature[] {
  const carried: CarriedSignature[] = [];
  let place = 0;
  let hasText = false;
  let hasThinking = false;
  for (const { kind, start, end, signature } of units) {
    if (signature !== undefined && kind !== 'other') {
      carried.push({ kind, start, end, place, signature });
      place++;
      if (kind === 'text') hasText = false;
      continue;
    }
    const isText = kind === 'text';
    const isThinking = kind === 'thinking' || kind === 'summary';
    if ((isText || isThinking) && start === end) continue;
    if ((isText && hasText) || (isThinking && hasThinking)) continue;
    hasText ||= isText;
    hasThinking ||= isThinking;
    place++;
  }
  return carried;
}
