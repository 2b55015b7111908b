import { UNSIGNED } from '@proxycast/conversion';
import type { ChatBlock, JsonObject, Signature, ThinkingBlock } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { DIALECT } from '../own-fields.ts';
import { decodePart } from './decode-part.ts';
import { decodeServerItem } from './decode-server-item.ts';
import { callIdOf, callRest, inputOf, isCustomCall, messageRest, partTexts, reasoningRest } from './item-fields.ts';
import { placed } from './item-place.ts';
import { mapServerCall, mapServerOutput } from './map-server-tool.ts';

export interface ItemContext {
  /** Its place in the list. */
  readonly index: number;
  readSignature(text: string): Signature;
}

/** An item the model made, as blocks in their order. An item that nobody else knows is one opaque block; none is lost. */
export function decodeItem(item: JsonObject, context: ItemContext): readonly ChatBlock[] {
  const blocks = decodeKnown(item, context);
  return blocks.length === 0 ? [opaqueItem(item, context.index)] : blocks;
}

export const opaqueItem = (item: JsonObject, index: number): ChatBlock => ({
  type: 'opaque',
  protocol: DIALECT,
  value: item,
  extensions: placed({ index }),
});

function decodeKnown(item: JsonObject, context: ItemContext): readonly ChatBlock[] {
  const { index } = context;
  const { type } = item;
  switch (type) {
    case undefined:
    case 'message':
      return decodeMessage(item, index);
    case 'reasoning':
      return decodeReasoning(item, context);
    case 'function_call':
    case 'custom_tool_call':
      return decodeCall(item, index);
    case 'image_generation_call':
      return decodeImage(item, index);
    default:
      return mapServerCall(type) === undefined && mapServerOutput(type) === undefined
        ? []
        : decodeServerItem(item, index);
  }
}

function decodeMessage(item: JsonObject, index: number): readonly ChatBlock[] {
  const { content } = item;
  const place = { index, item: messageRest(item) };
  if (typeof content === 'string') return [{ type: 'text', text: content, extensions: placed(place) }];
  return Array.isArray(content) ? content.filter(isObject).map((part) => decodePart(part, place)) : [];
}

/** The raw text and the summary are a block each; the signature stands on the last. */
function decodeReasoning(item: JsonObject, { index, readSignature }: ItemContext): readonly ChatBlock[] {
  const extensions = placed({ index, item: reasoningRest(item) });
  const encrypted = textOf(item['encrypted_content']);
  const signature = encrypted === undefined || encrypted === UNSIGNED ? undefined : readSignature(encrypted);
  const full = partTexts(item['content']);
  const summary = partTexts(item['summary']);
  const blocks: ThinkingBlock[] = [];
  if (full.length > 0) blocks.push({ type: 'thinking', kind: 'full', parts: full, extensions });
  if (summary.length > 0) blocks.push({ type: 'thinking', kind: 'summary', parts: summary, extensions });
  if (signature === undefined) return blocks;
  const last = blocks.pop();
  return last === undefined
    ? [{ type: 'redacted-thinking', signature, extensions }]
    : [...blocks, { ...last, signature }];
}

function decodeCall(item: JsonObject, index: number): readonly ChatBlock[] {
  const namespace = textOf(item['namespace']);
  return [
    {
      type: 'tool-call',
      callId: callIdOf(item, index),
      name: textOf(item['name']) ?? '',
      kind: isCustomCall(item) ? 'custom' : 'function',
      input: inputOf(item),
      ...(namespace === undefined ? {} : { namespace }),
      extensions: placed({ index, item: callRest(item) }),
    },
  ];
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** The bytes are in the block; the item goes along without them, so that they are kept once. */
function decodeImage(item: JsonObject, index: number): readonly ChatBlock[] {
  const data = textOf(item['result']);
  const isAddress = data?.startsWith('https://') === true;
  if (data === undefined || !(isAddress || BASE64.test(data))) return [];
  const { result: _, ...rest } = item;
  const mediaType = `image/${textOf(item['output_format']) ?? 'png'}`;
  return [
    {
      type: 'image',
      source: isAddress ? { type: 'url', url: data } : { type: 'base64', mediaType, data },
      extensions: placed({ index, item: rest }),
    },
  ];
}
