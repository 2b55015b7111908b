import {
  type ChatRequest,
  type StopReason,
  type StreamEncoder,
  type StreamEvent,
  type TokenUsage,
  unreachable,
} from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { encodeCall, type GrowingCall } from './encode-part.ts';
import { encodeUsage } from './encode-usage.ts';
import { mapStopReason } from './map-stop-reason.ts';

/**
 * Writes chunks as the API does: each a whole response whose parts are the new pieces, the last with the reason to stop
 * on an empty text. That one waits for `end()`, because usage may come late. A message that never ended gets none, and
 * its array stays open for the error that follows.
 */
export function createStreamEncoder({
  framing,
  request,
}: {
  readonly framing: 'sse' | 'json-array';
  readonly request: ChatRequest;
}): StreamEncoder {
  let id = '';
  let model = request.model;
  let usage: TokenUsage | undefined;
  let stopReason: StopReason | undefined;
  let hasBegun = false;
  const calls = new Map<number, GrowingCall>();

  const chunk = (part: JsonObject, finish: JsonObject = {}): string => {
    const body = JSON.stringify({
      candidates: [{ content: { parts: [part], role: 'model' }, ...finish, index: 0 }],
      ...(usage === undefined ? {} : { usageMetadata: encodeUsage(usage) }),
      modelVersion: model,
      responseId: id,
    });
    if (framing === 'sse') return `data: ${body}\r\n\r\n`;
    const separator = hasBegun ? ',\r\n' : '[';
    hasBegun = true;
    return separator + body;
  };

  const encode = (event: StreamEvent): string => {
    switch (event.type) {
      case 'message-start':
        id = event.id;
        model = event.model;
        return '';
      case 'text-start':
        return '';
      case 'text-delta':
        return chunk({ text: event.text });
      case 'tool-call-start':
        calls.set(event.block, { id: event.callId, name: event.name, json: '' });
        return '';
      case 'tool-input-delta': {
        const call = calls.get(event.block);
        if (call !== undefined) call.json += event.json;
        return '';
      }
      case 'block-end': {
        const call = calls.get(event.block);
        return call === undefined ? '' : chunk(encodeCall(call));
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
      const last = chunk({ text: '' }, { finishReason: mapStopReason(stopReason) });
      return framing === 'sse' ? last : `${last}]`;
    },
  };
}
