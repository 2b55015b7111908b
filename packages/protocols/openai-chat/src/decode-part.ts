import { unnamedMediaType } from '@proxycast/conversion';
import type { ChatBlock, MediaSource } from '@proxycast/spec';
import { isObject, type JsonObject, textOf } from '@proxycast/wire';
import { mediaTypeOfFormat } from './audio-format.ts';
import { decodeCacheControl } from './cache-control.ts';
import { sourceOfAddress } from './data-uri.ts';
import { DIALECT, ownExtensions } from './dialect.ts';
import { invalidField } from './invalid-field.ts';
import { withoutNulls } from './without-nulls.ts';

/** One part of a message's content. A part this dialect's services know and nobody else is opaque, whole. */
export function decodePart(part: unknown, field: string): ChatBlock {
  if (!isObject(part) || typeof part.type !== 'string') {
    throw invalidField(field, `'${field}' must be an object with a type.`);
  }
  const { type, cache_control: cacheControl, ...held } = part;
  const cache = decodeCacheControl(cacheControl);
  const block = decodeHeld(type, held, field) ?? { type: 'opaque', protocol: DIALECT, value: part };
  return cache === undefined || block.type === 'opaque' ? block : { ...block, cache };
}

function decodeHeld(type: string, held: JsonObject, field: string): ChatBlock | undefined {
  switch (type) {
    // Clients of the Responses API write its words here, and mean the same.
    case 'text':
    case 'input_text':
    case 'output_text': {
      const { text, ...rest } = held;
      if (typeof text !== 'string') throw invalidField(`${field}.text`, `'${field}.text' must be a text.`);
      return { type: 'text', text, ...ownExtensions(withoutNulls(rest)) };
    }
    case 'refusal': {
      const { refusal, ...rest } = held;
      return { type: 'refusal', text: textOf(refusal) ?? '', ...ownExtensions(withoutNulls(rest)) };
    }
    case 'thinking':
      return decodeThinking(held);
    case 'image_url':
      return decodeImage(held, field);
    case 'input_audio':
      return decodeAudio(held, field);
    case 'file':
      return decodeFile(held);
    case 'file_url':
    case 'video_url':
      return decodeAddress(type, held);
    default:
      return undefined;
  }
}

/** Mistral's: a list of text parts; several servers write one text. */
function decodeThinking({ thinking, ...rest }: JsonObject): ChatBlock {
  const text = typeof thinking === 'string' ? thinking : textOfParts(thinking);
  return { type: 'thinking', parts: [text], kind: 'full', ...ownExtensions({ ...withoutNulls(rest), form: 'part' }) };
}

export function textOfParts(parts: unknown): string {
  if (!Array.isArray(parts)) return '';
  let text = '';
  for (const part of parts) if (isObject(part) && typeof part.text === 'string') text += part.text;
  return text;
}

function decodeImage({ image_url: image, ...rest }: JsonObject, field: string): ChatBlock {
  const { url, detail, ...ofImage } = isObject(image) ? image : { url: image };
  if (typeof url !== 'string' || url === '') {
    throw invalidField(`${field}.image_url.url`, `'${field}.image_url.url' must be an address or a data URI.`);
  }
  const isKnown = detail === 'low' || detail === 'high' || detail === 'auto';
  return {
    type: 'image',
    source: sourceOfAddress(url, 'image/png'),
    ...(isKnown ? { detail } : {}),
    ...ownExtensions(nested(rest, 'image_url', isKnown ? ofImage : { ...ofImage, detail })),
  };
}

function decodeAudio({ input_audio: audio, ...rest }: JsonObject, field: string): ChatBlock {
  const { data, format, ...ofAudio } = isObject(audio) ? audio : {};
  if (typeof data !== 'string') {
    throw invalidField(`${field}.input_audio.data`, `'${field}.input_audio.data' must be base64.`);
  }
  const mediaType = mediaTypeOfFormat(textOf(format) ?? 'wav');
  // Some services take an address or a data URI here.
  const source: MediaSource = /^(data:|https?:)/i.test(data.slice(0, 8))
    ? sourceOfAddress(data, mediaType)
    : { type: 'base64', mediaType, data };
  return { type: 'audio', source, ...ownExtensions(nested(rest, 'input_audio', ofAudio)) };
}

function decodeFile({ file, ...rest }: JsonObject): ChatBlock | undefined {
  if (!isObject(file)) return undefined;
  const { file_data: data, file_id: id, filename, ...ofFile } = file;
  const source = sourceOfFile(data, id, filename);
  if (source === undefined) return undefined;
  return {
    type: 'document',
    source,
    ...(textOf(filename) === undefined ? {} : { title: String(filename) }),
    ...ownExtensions(nested(rest, 'file', ofFile)),
  };
}

function sourceOfFile(data: unknown, id: unknown, filename: unknown): MediaSource | undefined {
  if (typeof data === 'string' && data !== '') {
    const mediaType = mediaTypeOfName(textOf(filename) ?? '');
    if (/^(data:|https?:)/i.test(data.slice(0, 8))) return sourceOfAddress(data, mediaType);
    return { type: 'base64', mediaType, data };
  }
  return typeof id === 'string' && id !== '' ? { type: 'file-id', fileId: id, origin: DIALECT } : undefined;
}

const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['json', 'application/json'],
  ['html', 'text/html'],
]);

const mediaTypeOfName = (name: string): string =>
  MEDIA_TYPES.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase()) ?? 'application/pdf';

/** `file_url` and `video_url`: an address, a data URI, or (Perplexity) bare base64. */
function decodeAddress(type: 'file_url' | 'video_url', { [type]: value, ...rest }: JsonObject): ChatBlock | undefined {
  const { url, ...ofValue } = isObject(value) ? value : { url: value };
  if (typeof url !== 'string' || url === '') return undefined;
  const [kind, mediaType] =
    type === 'file_url' ? (['document', 'application/pdf'] as const) : (['video', 'video/mp4'] as const);
  const isAddress = /^[a-z][a-z0-9+.-]{1,15}:/i.test(url.slice(0, 20));
  return {
    type: kind,
    source: isAddress
      ? sourceOfAddress(url, mediaType)
      : { type: 'base64', mediaType: unnamedMediaType(url, mediaType), data: url },
    ...ownExtensions({ ...nested(rest, type, ofValue), form: type }),
  };
}

/** What is left of a part and of the object in it, in their places. */
function nested(rest: JsonObject, name: string, inner: JsonObject): JsonObject {
  const held = withoutNulls(inner);
  for (const _ in held) return { ...withoutNulls(rest), [name]: held };
  return withoutNulls(rest);
}
