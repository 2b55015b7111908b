import type { Citation } from '@proxycast/spec';
import { isObject, type JsonObject, textOf } from '@proxycast/wire';
import { DIALECT } from './dialect.ts';

/** A citation, kept whole beside what others understand of it; `undefined` for what is none. */
export function decodeCitation(value: unknown): Citation | undefined {
  if (!isObject(value)) return undefined;
  const type = typeOf(value);
  const url = textOf(value.url) ?? (type === 'search-result' ? textOf(value.source) : undefined);
  const title = textOf(value.title) ?? textOf(value.document_title);
  const citedText = textOf(value.cited_text);
  const fileId = textOf(value.file_id);
  return {
    type,
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(citedText === undefined ? {} : { citedText }),
    ...(fileId === undefined ? {} : { fileId }),
    // The offsets of the dialect are places in the document, not in the text.
    extensions: { [DIALECT]: value },
  };
}

function typeOf({ type }: JsonObject): Citation['type'] {
  switch (type) {
    case 'web_search_result_location':
      return 'url';
    case 'search_result_location':
      return 'search-result';
    default:
      return 'document';
  }
}
