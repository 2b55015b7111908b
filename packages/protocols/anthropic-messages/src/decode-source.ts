import { mediaTypeOf, parseDataUri, unnamedMediaType } from '@proxycast/conversion';
import type { MediaSource } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { invalidField } from './invalid-field.ts';

/**
 * Where an image or a document is; `undefined` for a kind of source that is not known. `origin` is whose files its ids
 * name.
 */
export function decodeSource(source: unknown, field: string, origin: string): MediaSource | undefined {
  if (!isObject(source)) throw invalidField(field, 'a source object is required.');
  switch (source.type) {
    case 'base64':
      return { type: 'base64', mediaType: text(source, 'media_type', field), data: text(source, 'data', field) };
    case 'url':
      return sourceOfAddress(text(source, 'url', field));
    case 'file':
      return { type: 'file-id', fileId: text(source, 'file_id', field), origin };
    case 'text':
      return { type: 'text', text: text(source, 'data', field), mediaType: 'text/plain' };
    default:
      return undefined;
  }
}

/** An address may hold the bytes themselves. */
function sourceOfAddress(url: string): MediaSource {
  const held = parseDataUri(url);
  if (held === undefined) return { type: 'url', url };
  const mediaType = held.mediaType === '' ? unnamedMediaType(held.data, 'text/plain') : mediaTypeOf(held);
  return { type: 'base64', mediaType, data: held.data };
}

function text(source: JsonObject, name: string, field: string): string {
  const value = source[name];
  if (typeof value === 'string') return value;
  throw invalidField(`${field}.${name}`, 'must be a text.');
}
