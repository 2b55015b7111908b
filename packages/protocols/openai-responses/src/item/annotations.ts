import type { Citation, JsonObject } from '@proxycast/spec';
import { countOf, isObject, textOf } from '@proxycast/wire';
import { DIALECT, ownFields } from '../own-fields.ts';

export function decodeAnnotation(annotation: JsonObject): Citation {
  const url = textOf(annotation['url']);
  const fileId = textOf(annotation['file_id']);
  const title = textOf(annotation['title']) ?? textOf(annotation['filename']);
  const startIndex = countOf(annotation['start_index']);
  const endIndex = countOf(annotation['end_index']);
  return {
    type: url === undefined ? 'file' : 'url',
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(startIndex === undefined ? {} : { startIndex }),
    ...(endIndex === undefined ? {} : { endIndex }),
    ...(fileId === undefined ? {} : { fileId }),
    extensions: { [DIALECT]: annotation },
  };
}

export function decodeAnnotations(value: unknown): readonly Citation[] {
  return Array.isArray(value) ? value.filter(isObject).map(decodeAnnotation) : [];
}

/**
 * `undefined` for a citation of nothing that could be named here. One without offsets stands on the text so far, whose
 * length in UTF-16 units is `textLength`.
 */
export function encodeAnnotation(citation: Citation, textLength: number): JsonObject | undefined {
  const own = ownFields(citation.extensions);
  if (own !== undefined) return own;
  const { url, title, fileId, startIndex = 0, endIndex = textLength } = citation;
  if (url !== undefined) {
    return { type: 'url_citation', start_index: startIndex, end_index: endIndex, url, title: title ?? url };
  }
  if (fileId === undefined && title === undefined) return undefined;
  return { type: 'file_citation', index: endIndex, file_id: fileId ?? '', filename: title ?? fileId };
}
