import type { Citation, JsonObject } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { ownExtensions, ownFieldsOf } from './dialect.ts';

/** One of a message's `annotations`; what only this dialect says of it travels beside. */
export function decodeAnnotation(annotation: unknown): Citation | undefined {
  if (!isObject(annotation)) return undefined;
  const { url_citation: cited, file_citation: fileCited, file } = annotation;
  const own = ownExtensions({ annotation });
  if (isObject(cited)) {
    const { url, title, start_index: start, end_index: end, content } = cited;
    return {
      type: 'url',
      ...(textOf(url) === undefined ? {} : { url: String(url) }),
      ...(textOf(title) === undefined ? {} : { title: String(title) }),
      ...(textOf(content) === undefined ? {} : { citedText: String(content) }),
      ...(typeof start === 'number' ? { startIndex: start } : {}),
      ...(typeof end === 'number' ? { endIndex: end } : {}),
      ...own,
    };
  }
  const held = isObject(fileCited) ? fileCited : isObject(file) ? file : {};
  const fileId = textOf(held.file_id);
  const title = textOf(held.filename) ?? textOf(held.name);
  return {
    type: 'file',
    ...(fileId === undefined ? {} : { fileId }),
    ...(title === undefined ? {} : { title }),
    ...own,
  };
}

/** Perplexity lists what it found beside the choices: as objects, older models as addresses. */
export function decodeFoundPages(results: unknown, addresses: unknown): readonly Citation[] {
  const pages: readonly unknown[] =
    Array.isArray(results) && results.length > 0 ? results : Array.isArray(addresses) ? addresses : [];
  return pages.flatMap((page): readonly Citation[] => {
    const { url, title, snippet } = isObject(page) ? page : { url: page, title: undefined, snippet: undefined };
    if (textOf(url) === undefined) return [];
    return [
      {
        type: 'url',
        url: String(url),
        ...(textOf(title) === undefined ? {} : { title: String(title) }),
        ...(textOf(snippet) === undefined ? {} : { citedText: String(snippet) }),
        ...ownExtensions({ isListed: true }),
      },
    ];
  });
}

/** Where a text block stands in the visible text of its message, in UTF-16 units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** `undefined` for a citation the dialect has no form for, or that stands in a field of its own. */
export function encodeAnnotation(citation: Citation, range: TextRange): JsonObject | undefined {
  const { annotation, isListed } = ownFieldsOf(citation);
  if (isObject(annotation)) return annotation;
  if (isListed === true || citation.url === undefined) return undefined;
  const { url, title, startIndex, endIndex } = citation;
  return {
    type: 'url_citation',
    url_citation: {
      url,
      title: title ?? url,
      start_index: range.start + (startIndex ?? 0),
      end_index: endIndex === undefined ? range.end : range.start + endIndex,
    },
  };
}
