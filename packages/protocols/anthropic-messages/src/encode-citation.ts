import { UNSIGNED } from '@proxycast/conversion';
import type { Citation } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { ownFields } from './dialect.ts';

/** A citation as the dialect writes it; `undefined` for one that has no form here: a place in a document we do not have. */
export function encodeCitation(citation: Citation): JsonObject | undefined {
  const own = ownFields(citation.extensions);
  if (typeof own.type === 'string') return own;
  const { url, title, citedText } = citation;
  if (url === undefined || (citation.type !== 'url' && citation.type !== 'search-result')) return undefined;
  return {
    type: 'web_search_result_location',
    cited_text: citedText ?? '',
    // Demanded by the SDKs' types. Only the service that searched can fill it in.
    encrypted_index: UNSIGNED,
    title: title ?? null,
    url,
  };
}

/** Whether the API takes a citation back: one that came through a conversion lacks its encrypted place. */
export const isOwnCitation = (citation: JsonObject): boolean =>
  citation.type !== 'web_search_result_location' ||
  (citation.encrypted_index !== '' && citation.encrypted_index !== UNSIGNED && citation.encrypted_index !== undefined);
