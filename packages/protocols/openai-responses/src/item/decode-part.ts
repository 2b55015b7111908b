import { parseDataUri, standardBase64, unnamedMediaType } from '@proxycast/conversion';
import type { ChatBlock, JsonObject, MediaBlock, MediaSource } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { DIALECT, restOf } from '../own-fields.ts';
import { decodeAnnotations } from './annotations.ts';
import { type ItemPlace, placed } from './item-place.ts';
import { decodeLogprobs } from './logprobs.ts';

const TEXT_FIELDS = new Set(['type', 'text', 'annotations', 'logprobs']);
const REFUSAL_FIELDS = new Set(['type', 'refusal']);
/** What a part of an answer says beside its text and what stands on it. */
export const partRest = (part: JsonObject): JsonObject | undefined =>
  restOf(part, part['type'] === 'refusal' ? REFUSAL_FIELDS : TEXT_FIELDS);

const IMAGE_FIELDS = new Set(['type', 'image_url', 'file_id', 'detail']);
/** A detail that others do not know goes along as it is. */
const IMAGE_FIELDS_BUT_DETAIL = new Set(['type', 'image_url', 'file_id']);
const FILE_FIELDS = new Set(['type', 'file_data', 'file_url', 'file_id', 'filename']);
const AUDIO_FIELDS = new Set(['type', 'input_audio']);

/** One part of a message or of a tool's output. `place` is where its item stands, if that has to be known again. */
export function decodePart(part: JsonObject, place?: ItemPlace): ChatBlock {
  switch (part['type']) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return decodeText(part, place);
    case 'refusal':
      return {
        type: 'refusal',
        text: stringOf(part['refusal']),
        ...extended(part, REFUSAL_FIELDS, place),
      };
    case 'input_image':
    case 'input_file':
    case 'input_audio':
      return decodeMedia(part, place) ?? opaquePart(part, place);
    default:
      return opaquePart(part, place);
  }
}

function decodeText(part: JsonObject, place: ItemPlace | undefined): ChatBlock {
  const citations = decodeAnnotations(part['annotations']);
  const logprobs = decodeLogprobs(part['logprobs']);
  return {
    type: 'text',
    text: stringOf(part['text']),
    ...(citations.length === 0 ? {} : { citations }),
    ...(logprobs === undefined ? {} : { logprobs }),
    ...marked(part),
    ...extended(part, TEXT_FIELDS, place),
  };
}

function decodeMedia(part: JsonObject, place: ItemPlace | undefined): MediaBlock | undefined {
  switch (part['type']) {
    case 'input_image': {
      const source = imageSource(part);
      if (source === undefined) return undefined;
      const { detail } = part;
      const isKnown = detail === 'low' || detail === 'high' || detail === 'auto';
      return {
        type: 'image',
        source,
        ...(isKnown ? { detail } : {}),
        ...marked(part),
        ...extended(part, isKnown ? IMAGE_FIELDS : IMAGE_FIELDS_BUT_DETAIL, place),
      };
    }
    case 'input_file': {
      const source = fileSource(part);
      const title = textOf(part['filename']);
      if (source === undefined) return undefined;
      return {
        type: 'document',
        source,
        ...(title === undefined ? {} : { title }),
        ...marked(part),
        ...extended(part, FILE_FIELDS, place),
      };
    }
    default: {
      const audio = isObject(part['input_audio']) ? part['input_audio'] : {};
      const data = textOf(audio['data']);
      if (data === undefined) return undefined;
      const mediaType = audio['format'] === 'mp3' ? 'audio/mpeg' : `audio/${textOf(audio['format']) ?? 'wav'}`;
      return {
        type: 'audio',
        source: { type: 'base64', mediaType, data: standardBase64(data) },
        ...extended(part, AUDIO_FIELDS, place),
      };
    }
  }
}

function imageSource(part: JsonObject): MediaSource | undefined {
  const url = textOf(part['image_url']);
  if (url === undefined) return fileId(part);
  return heldBy(url, 'image/png') ?? { type: 'url', url };
}

function fileSource(part: JsonObject): MediaSource | undefined {
  const data = textOf(part['file_data']);
  if (data !== undefined) {
    return heldBy(data, UNNAMED_FILE) ?? { type: 'base64', mediaType: UNNAMED_FILE, data: standardBase64(data) };
  }
  const url = textOf(part['file_url']);
  return url === undefined ? fileId(part) : (heldBy(url, UNNAMED_FILE) ?? { type: 'url', url });
}

const UNNAMED_FILE = 'application/pdf';

/** What an address holds itself. */
function heldBy(address: string, usual: string): MediaSource | undefined {
  const held = parseDataUri(address);
  if (held === undefined) return undefined;
  return { type: 'base64', mediaType: held.mediaType || unnamedMediaType(held.data, usual), data: held.data };
}

function fileId(part: JsonObject): MediaSource | undefined {
  const id = textOf(part['file_id']);
  return id === undefined ? undefined : { type: 'file-id', fileId: id, origin: DIALECT };
}

const opaquePart = (part: JsonObject, place: ItemPlace | undefined): ChatBlock => ({
  type: 'opaque',
  protocol: DIALECT,
  value: part,
  extensions: placed({ ...place, part: {} }),
});

const marked = (part: JsonObject) => (isObject(part['prompt_cache_breakpoint']) ? { cache: {} } : {});

function extended(part: JsonObject, known: ReadonlySet<string>, place: ItemPlace | undefined) {
  const rest = restOf(part, known);
  if (rest === undefined && place === undefined) return {};
  return { extensions: placed(rest === undefined ? { ...place } : { ...place, part: rest }) };
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');
