import type { Frame } from '@proxycast/spec';
import { isObject, type JsonObject, parseObject, readSseFrames } from '@proxycast/wire';

/** The frames of a stream; the last may lack its blank line. */
export const framesOf = (text: string): readonly Frame[] => [...readSseFrames(`${text}\n\n`)];

/** The events of a stream, parsed. */
export const eventsOf = (text: string): readonly JsonObject[] =>
  framesOf(text).map(({ data }) => parseObject(data) ?? {});

/**
 * The message an SDK puts together from the events. Shares nothing with the decoder, and throws where the SDKs throw: for
 * a second start, a block that was not started, one inside another, or an end that does not come.
 */
export function foldRawStream(events: readonly JsonObject[]): JsonObject {
  let message: Record<string, unknown> | undefined;
  let content: Record<string, unknown>[] = [];
  let json: string | undefined;
  let open = -1;
  let isStopped = false;
  for (const event of events) {
    if (isStopped) throw new TypeError(`${String(event.type)} after message_stop`);
    switch (event.type) {
      case 'message_start': {
        if (message !== undefined) throw new TypeError('message_start twice');
        message = { ...fieldsOf(event.message) };
        content = listOf(message.content).map((block) => ({ ...fieldsOf(block) }));
        break;
      }
      case 'content_block_start':
        if (open >= 0) throw new TypeError('a block inside another');
        if (event.index !== content.length) throw new TypeError(`index ${String(event.index)} after ${content.length}`);
        content.push({ ...fieldsOf(event.content_block) });
        open = content.length - 1;
        json = undefined;
        break;
      case 'content_block_delta': {
        const block = content[open];
        if (event.index !== open || block === undefined) throw new TypeError('Content block not found');
        const delta = fieldsOf(event.delta);
        if (delta.type === 'input_json_delta') json = (json ?? '') + String(delta.partial_json);
        else addDelta(block, delta);
        break;
      }
      case 'content_block_stop': {
        const block = content[open];
        if (event.index !== open || block === undefined) throw new TypeError('Content block not found');
        if (json !== undefined && json !== '') block.input = parseObject(json) ?? json;
        open = -1;
        break;
      }
      case 'message_delta': {
        if (message === undefined || open >= 0) throw new TypeError('message_delta out of place');
        const { type: _, delta, usage, ...beside } = event;
        Object.assign(message, fieldsOf(delta), beside);
        message.usage = { ...fieldsOf(message.usage), ...fieldsOf(usage) };
        break;
      }
      case 'message_stop':
        isStopped = true;
        break;
      default:
    }
  }
  if (message === undefined || !isStopped) throw new TypeError('no end');
  return { ...message, content };
}

function addDelta(block: Record<string, unknown>, delta: JsonObject): void {
  const add = (field: string, type: string): void => {
    if (block.type !== type) throw new TypeError(`${String(delta.type)} in a block of type ${String(block.type)}`);
    block[field] = `${typeof block[field] === 'string' ? block[field] : ''}${String(delta[field])}`;
  };
  switch (delta.type) {
    case 'text_delta':
      add('text', 'text');
      return;
    case 'thinking_delta':
      add('thinking', 'thinking');
      return;
    case 'compaction_delta':
      add('content', 'compaction');
      return;
    case 'signature_delta':
      block.signature = delta.signature;
      return;
    case 'citations_delta':
      block.citations = [...listOf(block.citations), delta.citation];
      return;
    default:
      throw new TypeError(`unknown delta ${String(delta.type)}`);
  }
}

const fieldsOf = (value: unknown): JsonObject => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
