import { type ChatRequest, type StopReason, type StreamEvent, type TokenUsage, unreachable } from '@proxycast/spec';
import { encodeResponseEnd, type ResponseState } from './encode-response.ts';
import { callItem, messageItem, type OutputItem, responseIdOf } from './output-item.ts';

/** The answer as one JSON value: the same response object as the final event of the stream holds. */
export function encodeAnswer(
  events: readonly StreamEvent[],
  { request, nowMs }: { readonly request: ChatRequest; readonly nowMs: number },
): unknown {
  let state: ResponseState = { id: '', model: request.model, request, nowMs };
  let usage: TokenUsage = {};
  let reason: StopReason = 'other';
  const items = new Map<number, OutputItem>();
  for (const event of events) {
    switch (event.type) {
      case 'message-start':
        state = { ...state, id: responseIdOf(event.id), model: event.model };
        break;
      case 'text-start':
        items.set(event.block, messageItem(state.id, event.block));
        break;
      case 'text-delta': {
        const item = items.get(event.block);
        if (item?.type === 'message') item.text += event.text;
        break;
      }
      case 'tool-call-start':
        items.set(event.block, callItem(state.id, event.block, event.callId, event.name));
        break;
      case 'tool-input-delta': {
        const item = items.get(event.block);
        if (item?.type === 'function_call') item.json += event.json;
        break;
      }
      case 'block-end':
        break;
      case 'usage':
        usage = { ...usage, ...event.usage };
        break;
      case 'message-end':
        reason = event.reason;
        break;
      default:
        unreachable(event);
    }
  }
  return encodeResponseEnd(state, [...items.values()], usage, reason);
}
