import type { Signature } from '@proxycast/spec';

/**
 * What a signature of another dialect stands on, where reasoning items are the only place for one here: thinking that
 * is nothing but its signature (`redacted`), text that is nothing but its signature (`empty`), the block after it, the block
 * before it.
 */
export type SignatureMark = 'redacted' | 'empty' | 'next' | 'previous';

const MARKS: Readonly<Record<SignatureMark, string>> = {
  redacted: '\u0001r',
  empty: '\u0001e',
  next: '\u0001n',
  previous: '\u0001p',
};
const MARK_CHARACTERS = 2;
const NAMES: ReadonlyMap<string, SignatureMark> = new Map([
  [MARKS.redacted, 'redacted'],
  [MARKS.empty, 'empty'],
  [MARKS.next, 'next'],
  [MARKS.previous, 'previous'],
]);

export function markSignature({ origin, value }: Signature, mark: SignatureMark): Signature {
  return { origin, value: MARKS[mark] + value };
}

/** No service signs with a control character in front, so what has none was never marked. */
export function readMark(signature: Signature): { readonly signature: Signature; readonly mark?: SignatureMark } {
  const mark = NAMES.get(signature.value.slice(0, MARK_CHARACTERS));
  if (mark === undefined) return { signature };
  return { signature: { origin: signature.origin, value: signature.value.slice(MARK_CHARACTERS) }, mark };
}
