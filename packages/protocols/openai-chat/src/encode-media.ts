import type { JsonObject, MediaBlock } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { audioFormatOf } from './audio-format.ts';
import { addressOf, dataUri } from './data-uri.ts';
import { DIALECT, ownFieldsOf } from './dialect.ts';
import { textOfDocument } from './document-text.ts';
import { invalidField } from './invalid-field.ts';
import type { TurnTarget } from './turn-target.ts';

/** A part of a user's message. Throws for what the service cannot be shown: an answer without it would be another answer. */
export function encodeMedia(block: MediaBlock, field: string, target: TurnTarget): JsonObject {
  switch (block.type) {
    case 'image':
      return encodeImage(block, field, target);
    case 'document':
      return encodeDocument(block, field, target);
    case 'audio':
      return encodeAudio(block, field, target);
    case 'video':
      return encodeVideo(block, field, target);
  }
}

function refuse(field: string, what: string): never {
  throw invalidField(field, `This upstream cannot be shown ${what}.`);
}

/** The part, with what the client said beside it and inside it. */
function partOf(block: MediaBlock, type: string, held: JsonObject): JsonObject {
  const { [type]: inner, form: _, ...rest } = ownFieldsOf(block);
  return { type, [type]: { ...held, ...(isObject(inner) ? inner : {}) }, ...rest };
}

function encodeImage(block: MediaBlock, field: string, { quirks, isOwn }: TurnTarget): JsonObject {
  const { source, detail } = block;
  if (quirks.images === 'none' && !isOwn) refuse(field, 'images');
  const url = addressOf(source);
  if (url === undefined) return refuse(field, 'an image of another service: send its bytes');
  const isReachable = source.type === 'base64' || (quirks.images === 'any' && /^https?:/i.test(url));
  if (!isReachable && !isOwn) refuse(field, 'an image by its address: send its bytes');
  return partOf(block, 'image_url', { url, ...(detail === undefined ? {} : { detail }) });
}

function encodeAudio(block: MediaBlock, field: string, { quirks, isOwn }: TurnTarget): JsonObject {
  const { source } = block;
  if (isOwn && source.type === 'url') return partOf(block, 'input_audio', { data: source.url });
  if (!quirks.audio && !isOwn) refuse(field, 'sound');
  const format = source.type === 'base64' ? audioFormatOf(source.mediaType) : undefined;
  if (source.type !== 'base64' || (format === undefined && !isOwn)) {
    return refuse(field, 'sound in any other form than the bytes of WAV or MP3');
  }
  return partOf(block, 'input_audio', { data: source.data, format: format ?? source.mediaType.slice('audio/'.length) });
}

function encodeVideo(block: MediaBlock, field: string, { quirks, isOwn }: TurnTarget): JsonObject {
  const url = quirks.videos || isOwn ? addressOf(block.source) : undefined;
  return url === undefined ? refuse(field, 'films') : partOf(block, 'video_url', { url });
}

function encodeDocument(block: MediaBlock, field: string, target: TurnTarget): JsonObject {
  const { source, title } = block;
  const text = textOfDocument(source);
  if (text !== undefined) {
    if (title === undefined) return { type: 'text', text };
    target.report(field, 'changed');
    return { type: 'text', text: `${title}\n\n${text}` };
  }
  const { quirks, origin, isOwn } = target;
  if (source.type === 'url' || ownFieldsOf(block).form === 'file_url') return encodeByAddress(block, field, target);
  if (!quirks.files && !isOwn) refuse(field, 'documents other than text');
  if (source.type === 'base64') {
    const filename = title ?? (isOwn ? undefined : nameOf(source.mediaType));
    return partOf(block, 'file', { ...(filename === undefined ? {} : { filename }), file_data: dataUri(source) });
  }
  if (source.type !== 'file-id' || (source.origin !== DIALECT && source.origin !== origin)) {
    return refuse(field, 'a file of another service: send its bytes');
  }
  return partOf(block, 'file', { file_id: source.fileId, ...(title === undefined ? {} : { filename: title }) });
}

function encodeByAddress(block: MediaBlock, field: string, { quirks, isOwn }: TurnTarget): JsonObject {
  const { source, title } = block;
  const isUrlPart = ownFieldsOf(block).form === 'file_url' || (!isOwn && quirks.fileAddresses === 'file_url');
  // Perplexity takes the bytes here too, without the beginning of a data URI.
  const url = source.type === 'base64' && isUrlPart ? source.data : addressOf(source);
  if (url === undefined || (quirks.fileAddresses === 'none' && !isOwn)) {
    return refuse(field, 'a document by its address: send its bytes');
  }
  return isUrlPart
    ? partOf(block, 'file_url', { url })
    : partOf(block, 'file', { ...(title === undefined ? {} : { filename: title }), file_data: url });
}

const nameOf = (mediaType: string): string => {
  const subtype = mediaType.slice(mediaType.indexOf('/') + 1);
  return `document.${/^[a-z0-9]{1,8}$/.test(subtype) ? subtype : 'bin'}`;
};
