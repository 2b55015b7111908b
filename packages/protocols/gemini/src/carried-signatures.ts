import { tagSignature } from '@proxycast/conversion';
import type { Signature } from '@proxycast/spec';
import { parseJson } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';

/**
 * What a signature on a part of this dialect signs, where another dialect's service made it: clients keep the parts of
 * calls but not always those of thoughts, so a call carries the signatures of the thinking before it as well.
 */
export interface CarriedSignature {
  /** `thinking`: of thinking before the part. `redacted`: encrypted thinking before it. `part`: the part's own. */
  readonly signs: 'thinking' | 'redacted' | 'part';
  readonly signature: Signature;
}

/** In front of the JSON of a list. No service's signature begins so: theirs are base64. */
const MARK = 'carried:';

/** The text for the part's `thoughtSignature`; `undefined` for none. All of them have one origin: they are of one answer. */
export function packCarried(
  carried: readonly CarriedSignature[],
  plain: CarriedSignature['signs'],
): string | undefined {
  const first = carried[0];
  if (first === undefined) return undefined;
  if (carried.length === 1 && first.signs === plain) return tagSignature(first.signature, GEMINI);
  const items = carried.map(({ signs, signature }) => [signs, signature.value]);
  return tagSignature({ origin: first.signature.origin, value: MARK + JSON.stringify(items) }, GEMINI);
}

/** The other way; a signature that stands for itself signs what `plain` says. */
export function unpackCarried(signature: Signature, plain: CarriedSignature['signs']): readonly CarriedSignature[] {
  const items = signature.value.startsWith(MARK) ? parseJson(signature.value.slice(MARK.length)) : undefined;
  if (!Array.isArray(items)) return [{ signs: plain, signature }];
  return items.flatMap((item: unknown): readonly CarriedSignature[] => {
    const [signs, value]: readonly unknown[] = Array.isArray(item) ? item : [];
    if (typeof value !== 'string' || (signs !== 'thinking' && signs !== 'redacted' && signs !== 'part')) return [];
    return [{ signs, signature: { origin: signature.origin, value } }];
  });
}
