import {
  mediaKindOf,
  mediaTypeOf,
  plainMediaType,
  refuseFileOfAnotherService,
  refuseMediaKind,
  refuseMediaType,
  refuseMediaUrl,
} from '@proxycast/conversion';
import type { ChatBlock, JsonObject, MediaBlock, MediaSource, ReportChange } from '@proxycast/spec';
import { placeOf } from '../item/item-place.ts';
import { DIALECT } from '../own-fields.ts';

export interface ContentContext {
  /** Of the upstream: its files and signatures may go there. */
  readonly origin: string;
  readonly report: ReportChange;
  /** The client asked in this dialect. */
  readonly isOwn: boolean;
  /** As the client knows it: `messages.4.content.0`. */
  readonly field: string;
}

/** A block of a user's or system message, or of a result; `undefined` where it has no place in one. */
export function encodeInputPart(block: ChatBlock, context: ContentContext): JsonObject | undefined {
  const rest = placeOf(block.extensions).part;
  switch (block.type) {
    case 'text':
      return { type: 'input_text', text: block.text, ...rest };
    case 'refusal':
      return { type: 'input_text', text: block.text };
    case 'image':
    case 'document':
    case 'audio':
    case 'video': {
      const part = encodeMedia(block, context);
      return rest === undefined ? part : { ...part, ...rest };
    }
    case 'opaque':
      if (block.protocol === DIALECT) return block.value;
      break;
    default:
  }
  context.report(context.field, 'dropped');
  return undefined;
}

function encodeMedia(block: MediaBlock, context: ContentContext): JsonObject {
  const { source } = block;
  const text = textOfDocument(block, context);
  if (text !== undefined || source.type === 'text') return encodeTextDocument(block, text ?? '', context);
  switch (block.type) {
    case 'image':
      return encodeImage(block, source, context);
    case 'document':
      return mediaKindOf(block) === 'image' || isPicture(source)
        ? encodeImage(block, source, context)
        : encodeFile(block, source, context);
    case 'audio':
      return encodeAudio(source, context);
    default:
      throw refuseMediaKind('video', 'text, images, documents or sound', context.field);
  }
}

type OtherSource = Exclude<MediaSource, { readonly type: 'text' }>;

/** Of other dialects' documents: not every service that speaks this one takes a file that is no PDF. */
function textOfDocument({ type, source }: MediaBlock, { isOwn }: ContentContext): string | undefined {
  if (source.type === 'text') return source.text;
  const isText = type === 'document' && source.type === 'base64' && source.mediaType.startsWith('text/');
  return isText && !isOwn ? decodeText(source.data) : undefined;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** `undefined` for what is no UTF-8. */
function decodeText(base64: string): string | undefined {
  try {
    return decoder.decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function encodeTextDocument({ title }: MediaBlock, text: string, { report, field }: ContentContext): JsonObject {
  if (title === undefined || title === '') return { type: 'input_text', text };
  report(field, 'changed');
  return { type: 'input_text', text: `${title}\n\n${text}` };
}

const isPicture = (source: OtherSource): boolean => source.mediaType?.startsWith('image/') === true;

function encodeImage({ detail }: MediaBlock, source: OtherSource, context: ContentContext): JsonObject {
  return {
    type: 'input_image',
    ...(source.type === 'file-id' ? { file_id: fileIdOf(source, context) } : { image_url: addressOf(source, context) }),
    ...(detail === undefined ? {} : { detail }),
  };
}

function encodeFile({ title }: MediaBlock, source: OtherSource, context: ContentContext): JsonObject {
  switch (source.type) {
    case 'file-id':
      return {
        type: 'input_file',
        file_id: fileIdOf(source, context),
        ...(title === undefined ? {} : { filename: title }),
      };
    case 'url':
      return {
        type: 'input_file',
        file_url: addressOf(source, context),
        ...(title === undefined ? {} : { filename: title }),
      };
    default:
      // Data without a name is refused.
      return {
        type: 'input_file',
        filename: title ?? `document.${EXTENSIONS.get(source.mediaType) ?? 'pdf'}`,
        file_data: addressOf(source, context),
      };
  }
}

const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['text/plain', 'txt'],
  ['text/markdown', 'md'],
  ['text/html', 'html'],
  ['text/csv', 'csv'],
  ['application/json', 'json'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['application/vnd.openxmlformats-officedocument.presentationml.presentation', 'pptx'],
]);

function addressOf(source: Exclude<OtherSource, { readonly type: 'file-id' }>, context: ContentContext): string {
  if (source.type === 'base64') {
    const mediaType = context.isOwn ? source.mediaType : mediaTypeOf(source);
    return `data:${mediaType};base64,${source.data}`;
  }
  if (context.isOwn || source.url.startsWith('https://') || source.url.startsWith('http://')) return source.url;
  throw refuseMediaUrl(source.url, context.field);
}

function fileIdOf(source: Extract<OtherSource, { readonly type: 'file-id' }>, context: ContentContext): string {
  if (source.origin === context.origin || source.origin === DIALECT) return source.fileId;
  throw refuseFileOfAnotherService(context.field);
}

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['audio/wav', 'wav'],
  ['audio/mpeg', 'mp3'],
]);

/** A client of this dialect may know of more. */
function formatOf(mediaType: string, isOwn: boolean): string | undefined {
  return FORMATS.get(plainMediaType(mediaType)) ?? (isOwn ? mediaType.slice(mediaType.indexOf('/') + 1) : undefined);
}

function encodeAudio(source: OtherSource, context: ContentContext): JsonObject {
  const format = source.type === 'base64' ? formatOf(source.mediaType, context.isOwn) : undefined;
  if (source.type === 'file-id') throw refuseFileOfAnotherService(context.field);
  if (source.type === 'url') throw refuseMediaUrl(source.url, context.field);
  if (format === undefined) throw refuseMediaType(source.mediaType, 'WAV and MP3', context.field);
  return { type: 'input_audio', input_audio: { data: source.data, format } };
}
