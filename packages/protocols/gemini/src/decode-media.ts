import { mediaTypeOf, parseDataUri, standardBase64, unnamedMediaType } from '@proxycast/conversion';
import type { JsonObject, MediaBlock } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { extensionOf, fieldsOf } from './field-names.ts';
import { isYouTube, mapMediaType, mediaTypeOfUri, sourceOfUri } from './media-type.ts';

const DEFAULT_MEDIA_TYPE = 'application/octet-stream';

/** The image, sound, film or document of a part; `undefined` where it has none or it cannot be read. */
export function decodeMedia({ inlineData, fileData }: JsonObject): MediaBlock | undefined {
  if (isObject(inlineData)) return decodeInlineData(fieldsOf(inlineData));
  return isObject(fileData) ? decodeFileData(fieldsOf(fileData)) : undefined;
}

function decodeInlineData({ mimeType, data, displayName, ...rest }: JsonObject): MediaBlock | undefined {
  if (typeof data !== 'string') return undefined;
  const mediaType = textOf(mimeType) ?? DEFAULT_MEDIA_TYPE;
  return {
    type: mapMediaType(mediaType),
    source: { type: 'base64', mediaType, data: standardBase64(data) },
    ...titleOf(displayName),
    ...keep('inlineData', rest),
  };
}

function decodeFileData({ mimeType, fileUri, displayName, ...rest }: JsonObject): MediaBlock | undefined {
  if (typeof fileUri !== 'string') return undefined;
  const mediaType = textOf(mimeType);
  const held = parseDataUri(fileUri);
  if (held !== undefined) {
    const named = mediaType ?? held.mediaType;
    const heldType =
      named === '' ? unnamedMediaType(held.data, 'text/plain') : mediaTypeOf({ ...held, mediaType: named });
    return {
      type: mapMediaType(heldType),
      source: { type: 'base64', mediaType: heldType, data: held.data },
      ...titleOf(displayName),
    };
  }
  const type =
    mediaType === undefined && isYouTube(fileUri) ? 'video' : mapMediaType(mediaType ?? mediaTypeOfUri(fileUri));
  return {
    type,
    source: sourceOfUri(fileUri, mediaType, GEMINI),
    ...titleOf(displayName),
    ...keep('fileData', rest),
  };
}

const titleOf = (displayName: unknown) => (typeof displayName === 'string' ? { title: displayName } : {});

function keep(field: string, rest: JsonObject) {
  const kept = extensionOf(rest);
  return kept === undefined ? {} : { extensions: { [GEMINI]: { [field]: kept } } };
}
