import { mediaTypeOf, refuseFileOfAnotherService, refuseMediaType, refuseMediaUrl } from '@proxycast/conversion';
import type { EncodeRequestContext, MediaBlock } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { IMAGE_TYPES } from './accepted-media.ts';
import { DIALECT } from './dialect.ts';

/** The source of an image or a document; throws InvalidRequestError for what the API does not take. */
export function encodeSource(
  { type, source }: MediaBlock,
  field: string,
  { origin }: Pick<EncodeRequestContext, 'origin'>,
): JsonObject {
  switch (source.type) {
    case 'url':
      if (!/^https?:/i.test(source.url)) throw refuseMediaUrl(source.url, field);
      return { type: 'url', url: source.url };
    case 'file-id':
      if (source.origin !== origin && source.origin !== DIALECT) throw refuseFileOfAnotherService(field);
      return { type: 'file', file_id: source.fileId };
    case 'text':
      if (type === 'image') throw refuseMediaType(source.mediaType ?? 'text/plain', TAKEN_IMAGES, field);
      return { type: 'text', media_type: 'text/plain', data: source.text };
    case 'base64':
      return type === 'image' ? encodeImage(source, field) : encodeDocument(source, field);
    default:
      return source satisfies never;
  }
}

interface Bytes {
  readonly mediaType: string;
  readonly data: string;
}

const TAKEN_IMAGES = 'JPEG, PNG, GIF and WebP';
const TAKEN_IMAGE_TYPES: ReadonlySet<string> = new Set(IMAGE_TYPES);

function encodeImage(source: Bytes, field: string): JsonObject {
  // As the bytes say, since the API compares the two.
  const mediaType = mediaTypeOf(source);
  if (!TAKEN_IMAGE_TYPES.has(mediaType)) throw refuseMediaType(mediaType, TAKEN_IMAGES, field);
  return { type: 'base64', media_type: mediaType, data: source.data };
}

const TEXTUAL = /^(text\/|application\/(json|xml|yaml|x-yaml|javascript))/;

function encodeDocument(source: Bytes, field: string): JsonObject {
  const mediaType = mediaTypeOf(source);
  if (mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data: source.data };
  const text = TEXTUAL.test(mediaType) ? decodeText(source.data) : undefined;
  if (text !== undefined) return { type: 'text', media_type: 'text/plain', data: text };
  throw refuseMediaType(mediaType, 'PDF and text', field);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text of base64; `undefined` when it is none. */
function decodeText(base64: string): string | undefined {
  try {
    return decoder.decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
