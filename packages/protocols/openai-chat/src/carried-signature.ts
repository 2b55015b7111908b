import { readSignature, tagSignature } from '@proxycast/conversion';
import type { Signature } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { DIALECT } from './dialect.ts';

/** Marks our own entries of `reasoning_details`, in the field in which services name the form of theirs. */
const FORMAT = 'proxycast';

/** What it signs: thinking in full or a summary, thinking of which nothing else is given, the visible text. */
export type SignedKind = 'thinking' | 'summary' | 'redacted' | 'text';
const KINDS: readonly SignedKind[] = ['thinking', 'summary', 'redacted', 'text'];

/**
 * A signature that a client carries from an answer to its next request, and the place it belongs to: a client keeps all
 * thinking of an answer as one text, and all its visible text as another.
 */
export interface CarriedSignature {
  readonly kind: SignedKind;
  /** Where the signed text begins and ends in the text of its kind, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** The place of the block among all blocks of its answer, from 0. */
  readonly place: number;
  readonly signature: Signature;
  /** What is signed, where the client may keep only a piece of it: readers of streams keep the last of fields they do not know. */
  readonly text?: string;
}

/** The place stands in `index`, by which clients tell entries apart; the range in `id`, which they keep. */
export const encodeCarried = ({ kind, start, end, place, signature, text }: CarriedSignature): JsonObject => ({
  type: 'reasoning.encrypted',
  data: tagSignature(signature, DIALECT),
  format: FORMAT,
  id: `${kind}_${start}_${end}`,
  index: place,
  // Not `text`: readers would show it a second time.
  ...(text === undefined ? {} : { signed_text: text }),
});

export const isCarried = (entry: unknown): entry is JsonObject => isObject(entry) && entry.format === FORMAT;

/** `undefined` when a client changed what we need of it. */
export function decodeCarried({ data, id, index, signed_text: text }: JsonObject): CarriedSignature | undefined {
  if (typeof data !== 'string' || data === '' || typeof id !== 'string') return undefined;
  const [word, start, end, ...more] = id.split('_');
  const kind = KINDS.find((known) => known === word);
  const range = [Number(start), Number(end)] as const;
  if (kind === undefined || more.length > 0 || !range.every(Number.isSafeInteger)) return undefined;
  return {
    kind,
    start: range[0],
    end: range[1],
    place: typeof index === 'number' ? index : 0,
    signature: readSignature(data, DIALECT),
    ...(typeof text === 'string' ? { text } : {}),
  };
}
