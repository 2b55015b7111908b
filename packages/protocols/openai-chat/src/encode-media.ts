import {
  mediaKindOf,
  mediaTypeOf,
  refuseFileOfAnotherService,
  refuseMediaKind,
  refuseMediaType,
  refuseMediaUrl,
} from '@proxycast/conversion';
import type { JsonObject, MediaBlock, MediaSource } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { audioFormatOf } from './audio-format.ts';
import type { ChatQuirks } from './chat-variant.ts';
import { dataUri } from './data-uri.ts';
import { DIALECT, ownFieldsOf } from './dialect.ts';
import { textOfDocument } from './document-text.ts';
import type { TurnTarget } from './turn-target.ts';

/** A part of a user's message. Throws for what the service cannot be shown: an answer without it would be another answer. */
export function encodeMedia(block: MediaBlock, field: string, target: TurnTarget): JsonObject {
  switch (mediaKindOf(block)) {
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

/** The part, with what the client said beside it and inside it. */
function partOf(block: MediaBlock, type: string, held: JsonObject): JsonObject {
  const { [type]: inner, form: _, ...rest } = ownFieldsOf(block);
  return { type, [type]: { ...held, ...(isObject(inner) ? inner : {}) }, ...rest };
}

function takenBy({ images, files, audio, videos }: ChatQuirks): string {
  const kinds = [images !== 'none' && 'images', files && 'documents', audio && 'sound', videos && 'films'];
  return ['text', ...kinds.filter((kind) => kind !== false)].join(', ');
}

/** An address under which the service finds it, or the bytes as one. */
function urlFor(source: MediaSource, field: string, { isOwn }: TurnTarget): string {
  switch (source.type) {
    case 'base64':
      // A client of the dialect says what it is; of others it is what its bytes say, since services compare the two.
      return dataUri(isOwn ? source : { ...source, mediaType: mediaTypeOf(source) });
    case 'url':
      return source.url;
    case 'file-id':
      throw refuseFileOfAnotherService(field);
    case 'text':
      throw refuseMediaType(source.mediaType ?? 'text/plain', 'no text here', field);
  }
}

function encodeImage(block: MediaBlock, field: string, target: TurnTarget): JsonObject {
  const { source, detail } = block;
  const { quirks, isOwn } = target;
  if (quirks.images === 'none' && !isOwn) throw refuseMediaKind('images', takenBy(quirks), field);
  const url = urlFor(source, field, target);
  const isReachable = source.type === 'base64' || (quirks.images === 'any' && /^https?:/i.test(url));
  if (!isReachable && !isOwn) throw refuseMediaUrl(url, field);
  return partOf(block, 'image_url', { url, ...(detail === undefined ? {} : { detail }) });
}

function encodeAudio(block: MediaBlock, field: string, { quirks, isOwn }: TurnTarget): JsonObject {
  const { source } = block;
  if (isOwn && source.type === 'url') return partOf(block, 'input_audio', { data: source.url });
  if (!quirks.audio && !isOwn) throw refuseMediaKind('sound', takenBy(quirks), field);
  if (source.type === 'url') throw refuseMediaUrl(source.url, field);
  if (source.type === 'file-id') throw refuseFileOfAnotherService(field);
  const mediaType = source.mediaType ?? '';
  const format = audioFormatOf(mediaType);
  if (source.type !== 'base64' || (format === undefined && !isOwn)) {
    throw refuseMediaType(mediaType, 'WAV and MP3', field);
  }
  return partOf(block, 'input_audio', { data: source.data, format: format ?? mediaType.slice('audio/'.length) });
}

function encodeVideo(block: MediaBlock, field: string, target: TurnTarget): JsonObject {
  const { quirks, isOwn } = target;
  if (!quirks.videos && !isOwn) throw refuseMediaKind('films', takenBy(quirks), field);
  return partOf(block, 'video_url', { url: urlFor(block.source, field, target) });
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
  if (source.type === 'file-id' && source.origin !== DIALECT && source.origin !== origin) {
    throw refuseFileOfAnotherService(field);
  }
  if (!quirks.files && !isOwn) throw refuseMediaKind('documents other than text', takenBy(quirks), field);
  if (source.type === 'file-id') {
    return partOf(block, 'file', { file_id: source.fileId, ...(title === undefined ? {} : { filename: title }) });
  }
  const url = urlFor(source, field, target);
  const filename = title ?? (isOwn || source.type !== 'base64' ? undefined : nameOf(mediaTypeOf(source)));
  return partOf(block, 'file', { ...(filename === undefined ? {} : { filename }), file_data: url });
}

function encodeByAddress(block: MediaBlock, field: string, target: TurnTarget): JsonObject {
  const { source, title } = block;
  const { quirks, isOwn } = target;
  const isUrlPart = ownFieldsOf(block).form === 'file_url' || (!isOwn && quirks.fileAddresses === 'file_url');
  // Perplexity takes the bytes here too, without the beginning of a data URI.
  const url = source.type === 'base64' && isUrlPart ? source.data : urlFor(source, field, target);
  if (quirks.fileAddresses === 'none' && !isOwn) throw refuseMediaUrl(url, field);
  return isUrlPart
    ? partOf(block, 'file_url', { url })
    : partOf(block, 'file', { ...(title === undefined ? {} : { filename: title }), file_data: url });
}

const nameOf = (mediaType: string): string => {
  const subtype = mediaType.slice(mediaType.indexOf('/') + 1);
  return `document.${/^[a-z0-9]{1,8}$/.test(subtype) ? subtype : 'bin'}`;
};
