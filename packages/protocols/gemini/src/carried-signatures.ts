import { tagSignature } from '@proxycast/conversion';
import type { Signature } from '@proxycast/spec';
import { parseJson } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';

/**
 * What a signature on a part of this dialect signs, where another dialect's service made it: clients keep the parts of
 * calls but not always those of thoughts (Gemini CLI keeps none), so a call carries what signs the thinking before it as well,
 * and that thinking: without its text the service that signed it takes it for changed.
 */
export interface CarriedSignature {
  /** `thinking`: of thinking before the part. `redacted`: encrypted thinking before it. `part`: the part's own. */
  readonly signs: 'thinking' | 'redacted' | 'part';
  readonly signature: Signature;
  /** The thinking itself, where the parts around it may not say it. */
  readonly text?: string;
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
  if (carried.length === 1 && first.signs === plain && first.text === undefined)
    return tagSignature(first.signature, GEMINI);
  const items = carried.map(({ signs, signature, text }) => [
    signs,
    signature.value,
    ...(text === undefined ? [] : [text]),
  ]);
  return tagSignature({ origin: first.signature.origin, value: MARK + JSON.stringify(items) }, GEMINI);
}

/** The other way; a signature that stands for itself signs what `plain` says. */
export function unpackCarried(signature: Signature, plain: CarriedSignature['signs']): readonly CarriedSignature[] {
  const items = signature.value.startsWith(MARK) ? parseJson(signature.value.slice(MARK.length)) : undefined;
  if (!Array.isArray(items)) return [{ signs: plain, signature }];
  return items.flatMap((item: unknown): readonly CarriedSignature[] => {
    const [signs, value, text]: readonly unknown[] = Array.isArray(item) ? item : [];
    if (typeof value !== 'string' || (signs !== 'thinking' && signs !== 'redacted' && signs !== 'part')) return [];
    return [
      {
        signs,
        signature: { origin: signature.origin, value },
        ...(typeof text === 'string' && text !== '' ? { text } : {}),
      },
    ];
  });
}
