import { type EncodeRequestContext, InvalidRequestError, type MediaBlock } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { DIALECT } from './dialect.ts';
import { imageType } from './image-type.ts';

/** The source of an image or a document; throws InvalidRequestError for what the API does not take. */
export function encodeSource(
  { type, source }: MediaBlock,
  field: string,
  { origin }: Pick<EncodeRequestContext, 'origin'>,
): JsonObject {
  switch (source.type) {
    case 'url':
      return { type: 'url', url: source.url };
    case 'file-id':
      if (source.origin !== origin && source.origin !== DIALECT) {
        throw refusal(field, 'the file was uploaded to another service; send its contents instead.');
      }
      return { type: 'file', file_id: source.fileId };
    case 'text':
      if (type === 'image') throw refusal(field, 'an image cannot be a text.');
      return { type: 'text', media_type: 'text/plain', data: source.text };
    case 'base64':
      return type === 'image' ? encodeImage(source, field) : encodeDocument(source, field);
    default:
      return source satisfies never;
  }
}

function encodeImage(source: { readonly mediaType: string; readonly data: string }, field: string): JsonObject {
  const mediaType = imageType(source.mediaType, source.data);
  if (mediaType === undefined) {
    throw refusal(
      field,
      `images of type ${source.mediaType.slice(0, 100)} are not taken by this model; send JPEG, PNG, GIF or WebP.`,
    );
  }
  return { type: 'base64', media_type: mediaType, data: source.data };
}

const TEXTUAL = /^(text\/|application\/(json|xml|yaml|x-yaml|javascript))/;

function encodeDocument(
  { mediaType, data }: { readonly mediaType: string; readonly data: string },
  field: string,
): JsonObject {
  const type = mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/pdf') return { type: 'base64', media_type: type, data };
  const text = TEXTUAL.test(type) ? decodeText(data) : undefined;
  if (text !== undefined) return { type: 'text', media_type: 'text/plain', data: text };
  throw refusal(field, `documents of type ${type.slice(0, 100)} are not taken by this model; send PDF or text.`);
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

const refusal = (field: string, what: string): InvalidRequestError =>
  new InvalidRequestError({ code: 'unsupported_content', field, message: `${field}: ${what}` });
