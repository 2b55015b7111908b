import { fitCallId } from '@proxycast/conversion';
import type { ChatBlock, JsonObject, ReportChange, ToolResultBlock } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { isMadeUpCallId } from './call-id.ts';
import { encodeMedia, type MediaPlace } from './encode-media.ts';
import { encodeResponse } from './encode-response.ts';
import type { ModelTraits } from './model-traits.ts';

export interface EncodedResult {
  readonly part: JsonObject;
  /** What the result holds beside text and the model takes only behind the results. */
  readonly files: readonly JsonObject[];
}

export interface ResultPlace extends MediaPlace {
  readonly traits: ModelTraits;
  readonly report: ReportChange;
  /** Of the call, as the upstream knows it. */
  readonly name: string;
}

export function encodeResult(result: ToolResultBlock, place: ResultPlace): EncodedResult {
  const { traits, isOwn, name } = place;
  const texts: string[] = [];
  const files: JsonObject[] = [];
  result.blocks.forEach((block, index) => {
    encodeResultBlock(block, { ...place, field: `${place.field}.content.${index}` }, texts, files);
  });
  const { functionResponse, ...modifiers }: JsonObject = result.extensions?.[GEMINI] ?? {};
  const takesFiles = isOwn || traits.takesResultMedia;
  const part = {
    ...modifiers,
    functionResponse: {
      ...encodeCallId(result.callId, isOwn, traits),
      name,
      response: encodeResponse(texts.join('\n'), result.isError === true),
      ...(takesFiles && files.length > 0 ? { parts: files } : {}),
      ...(isObject(functionResponse) ? functionResponse : {}),
    },
  };
  return { part, files: takesFiles ? [] : files };
}

function encodeResultBlock(block: ChatBlock, place: ResultPlace, texts: string[], files: JsonObject[]): void {
  switch (block.type) {
    case 'text':
    case 'refusal':
      texts.push(block.text);
      return;
    case 'image':
    case 'audio':
    case 'video':
    case 'document': {
      const data = encodeMedia(block, place);
      if (typeof data.text === 'string') texts.push(data.text);
      else files.push(data);
      return;
    }
    case 'opaque':
      if (block.protocol === GEMINI) files.push(block.value);
      else place.report(place.field, 'dropped');
      return;
    default:
      place.report(place.field, 'dropped');
  }
}

const ID_RULE = { pattern: /^[A-Za-z0-9_.:-]{1,64}$/, maxLength: 64 };

/** Older models refuse ids, and an id made up here means nothing to any. */
export function encodeCallId(callId: string, isOwn: boolean, traits: ModelTraits): { readonly id?: string } {
  if (isMadeUpCallId(callId)) return {};
  if (isOwn) return { id: callId };
  return traits.takesCallIds ? { id: fitCallId(callId, ID_RULE) } : {};
}
