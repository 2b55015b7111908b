import type { ConversionChange } from '@proxycast/spec';

/** Headers of some kilobytes are refused by proxies; a list longer than this is cut and says so. */
const MAX_CHARACTERS = 1_024;

/** The value of `x-proxycast-changed`: `dropped=logprobs, changed=temperature, added=max_tokens`; empty when nothing changed. */
export function renderChanges(changes: readonly ConversionChange[]): string {
  let text = '';
  for (const [index, { field, action }] of changes.entries()) {
    const item = `${text === '' ? '' : ', '}${action}=${toHeaderText(field)}`;
    if (text.length + item.length > MAX_CHARACTERS) return `${text}, more=${changes.length - index}`;
    text += item;
  }
  return text;
}

/** Field names come from requests in part: what HTTP or the list's own marks do not allow is written with escapes. */
function toHeaderText(field: string): string {
  return /^[\w.[\]-]*$/.test(field) ? field : encodeURIComponent(field.toWellFormed());
}
