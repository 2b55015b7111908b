import {
  type ChatRequest,
  type StopReason,
  type StreamEncoder,
  type StreamEvent,
  type TokenUsage,
  unreachable,
} from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { encodeResponseEnd, encodeResponseStart, type ResponseState } from './encode-response.ts';
import {
  argumentsOf,
  callItem,
  encodeItem,
  encodeTextPart,
  messageItem,
  type OutputItem,
  responseIdOf,
} from './output-item.ts';

/**
 * Writes the events the API sends: every item is added, filled and done, and the final event, which waits for `end()`
 * because usage may come late, repeats them all. A message that never ended gets no final event.
 */
export function createStreamEncoder({
  request,
  nowMs,
}: {
  readonly request: ChatRequest;
  readonly nowMs: number;
}): StreamEncoder {
  let state: ResponseState = { id: '', model: request.model, request, nowMs };
  let sequenceNumber = 0;
  let usage: TokenUsage = {};
  let stopReason: StopReason | undefined;
  const items = new Map<number, OutputItem>();

  const frame = (type: string, fields: JsonObject): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequenceNumber++, ...fields })}\n\n`;

  const addItem = (block: number, item: OutputItem): string => {
    items.set(block, item);
    const added = frame('response.output_item.added', { output_index: block, item: encodeItem(item, 'in_progress') });
    if (item.type === 'function_call') return added;
    const place = { item_id: item.id, output_index: block, content_index: 0 };
    return added + frame('response.content_part.added', { ...place, part: encodeTextPart('') });
  };

  const endItem = (block: number, item: OutputItem): string => {
    const done = { output_index: block, item: encodeItem(item, 'completed') };
    if (item.type === 'function_call') {
      return (
        frame('response.function_call_arguments.done', {
          item_id: item.id,
          output_index: block,
          name: item.name,
          arguments: argumentsOf(item.json),
        }) + frame('response.output_item.done', done)
      );
    }
    const place = { item_id: item.id, output_index: block, content_index: 0 };
    return (
      frame('response.output_text.done', { ...place, text: item.text, logprobs: [] }) +
      frame('response.content_part.done', { ...place, part: encodeTextPart(item.text) }) +
      frame('response.output_item.done', done)
    );
  };

  const encode = (event: StreamEvent): string => {
    switch (event.type) {
      case 'message-start': {
        state = { ...state, id: responseIdOf(event.id), model: event.model };
        const response = encodeResponseStart(state);
        return frame('response.created', { response }) + frame('response.in_progress', { response });
      }
      case 'text-start':
        return addItem(event.block, messageItem(state.id, event.block));
      case 'text-delta': {
        const item = items.get(event.block);
        if (item?.type !== 'message') return '';
        item.text += event.text;
        const place = { item_id: item.id, output_index: event.block, content_index: 0 };
        return frame('response.output_text.delta', { ...place, delta: event.text, logprobs: [] });
      }
      case 'tool-call-start':
        return addItem(event.block, callItem(state.id, event.block, event.callId, event.name));
      case 'tool-input-delta': {
        const item = items.get(event.block);
        if (item?.type !== 'function_call') return '';
        item.json += event.json;
        const place = { item_id: item.id, output_index: event.block };
        return frame('response.function_call_arguments.delta', { ...place, delta: event.json });
      }
      case 'block-end': {
        const item = items.get(event.block);
        return item === undefined ? '' : endItem(event.block, item);
      }
      case 'usage':
        usage = { ...usage, ...event.usage };
        return '';
      case 'message-end':
        stopReason = event.reason;
        return '';
      default:
        return unreachable(event);
    }
  };

  return {
    push: (events) => events.map(encode).join(''),
    end() {
      if (stopReason === undefined) return '';
      const response = encodeResponseEnd(state, [...items.values()], usage, stopReason);
      return frame(`response.${String(response.status)}`, { response });
    },
  };
}
