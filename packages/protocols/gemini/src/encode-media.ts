import { mediaTypeOf, refuseFileOfAnotherService, refuseMediaType, refuseMediaUrl } from '@proxycast/conversion';
import { type JsonObject, type MediaBlock, unreachable } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { isTakenInline } from './accepted-media.ts';
import { GEMINI } from './base-id.ts';
import { isReadByService, mediaTypeOfUri } from './media-type.ts';

export interface MediaPlace {
  /** Of the upstream: only its own uploads may go to it. */
  readonly origin: string;
  /** Whether a client of this dialect wrote it: then it goes as it came. */
  readonly isOwn: boolean;
  /** For errors. */
  readonly field: string;
}

/** The data of a part. Throws InvalidRequestError for an address or an upload the service cannot read. */
export function encodeMedia({ source, title, extensions }: MediaBlock, place: MediaPlace): JsonObject {
  const name = title !== undefined && place.isOwn ? { displayName: title } : {};
  const kept = extensions?.[GEMINI];
  const keptOf = (field: string): JsonObject => {
    const value = kept?.[field];
    return isObject(value) ? value : {};
  };
  switch (source.type) {
    case 'base64':
      return {
        inlineData: {
          mimeType: place.isOwn ? source.mediaType : takenType(source, place.field),
          data: source.data,
          ...name,
          ...keptOf('inlineData'),
        },
      };
    case 'text':
      return { text: title === undefined || title === '' ? source.text : `${title}\n\n${source.text}` };
    case 'url':
      if (!place.isOwn && !isReadByService(source.url)) throw refuseMediaUrl(source.url, place.field);
      return { fileData: { ...typeOf(source, source.url), fileUri: source.url, ...name, ...keptOf('fileData') } };
    case 'file-id':
      if (source.origin !== GEMINI && source.origin !== place.origin) throw refuseFileOfAnotherService(place.field);
      return { fileData: { ...typeOf(source, source.fileId), fileUri: source.fileId, ...name, ...keptOf('fileData') } };
    default:
      return unreachable(source);
  }
}

/** What a client of another dialect sends, as its bytes say. Throws InvalidRequestError for what the service does not read. */
function takenType(source: { readonly mediaType: string; readonly data: string }, field: string): string {
  const mediaType = mediaTypeOf(source);
  if (isTakenInline(mediaType)) return mediaType;
  throw refuseMediaType(mediaType, 'PNG, JPEG, WebP, HEIC, PDF, text, sound and films', field);
}

function typeOf({ mediaType }: { readonly mediaType?: string }, uri: string): JsonObject {
  const mimeType = mediaType ?? mediaTypeOfUri(uri);
  return mimeType === undefined ? {} : { mimeType };
}
