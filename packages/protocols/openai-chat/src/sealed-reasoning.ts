import type { JsonObject } from '@proxycast/spec';
import { isObject, parseJson } from '@proxycast/wire';

/**
 * Entries of `reasoning_details` as OpenRouter and others give them, in one text: without their readable text, which the
 * thinking has. Services want their own entries back unchanged, so the whole of them is what is signed.
 */
export function sealReasoning(details: readonly JsonObject[]): string | undefined {
  if (!details.some(isSealed)) return undefined;
  return JSON.stringify(details.map(({ text: _text, summary: _summary, ...kept }) => kept));
}

/** Whether only the service can read a part of it. */
export const isSealed = ({ signature, data }: JsonObject): boolean =>
  (typeof signature === 'string' && signature !== '') || (typeof data === 'string' && data !== '');

/** The entries again, the text in its place. A value nobody sealed here is the encrypted reasoning itself. */
export function openReasoning(value: string, text: string): readonly JsonObject[] {
  const parsed = parseJson(value);
  if (!Array.isArray(parsed) || !parsed.every(isObject)) {
    const encrypted = { type: 'reasoning.encrypted', data: value, index: 0 };
    return text === '' ? [encrypted] : [textEntry(encrypted, text), encrypted];
  }
  const details: readonly JsonObject[] = parsed;
  const place = details.findIndex(({ type }) => type === 'reasoning.text' || type === 'reasoning.summary');
  const [first] = details;
  if (place < 0) return text === '' || first === undefined ? details : [textEntry(first, text), ...details];
  return details.map((detail, index) => {
    if (index !== place) return detail;
    return { ...detail, [detail.type === 'reasoning.summary' ? 'summary' : 'text']: text };
  });
}

function textEntry({ format, index, id }: JsonObject, text: string): JsonObject {
  return {
    type: 'reasoning.text',
    text,
    ...(format === undefined ? {} : { format }),
    ...(id === undefined ? {} : { id }),
    ...(index === undefined ? {} : { index }),
  };
}
