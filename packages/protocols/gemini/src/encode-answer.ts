import { type ChatRequest, type StopReason, type StreamEvent, type TokenUsage, unreachable } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { encodeCall, type GrowingCall } from './encode-part.ts';
import { encodeUsage } from './encode-usage.ts';
import { mapStopReason } from './map-stop-reason.ts';

type Block = { readonly type: 'text'; text: string } | { readonly type: 'call'; readonly call: GrowingCall };

/** The answer as one JSON value: what folding the stream of the same events gives. */
export function encodeAnswer(events: readonly StreamEvent[], { request }: { readonly request: ChatRequest }): unknown {
  let id = '';
  let model = request.model;
  let usage: TokenUsage = {};
  let reason: StopReason = 'other';
  const blocks = new Map<number, Block>();
  for (const event of events) {
    switch (event.type) {
      case 'message-start':
        id = event.id;
        model = event.model;
        break;
      case 'text-start':
        blocks.set(event.block, { type: 'text', text: '' });
        break;
      case 'text-delta': {
        const block = blocks.get(event.block);
        if (block?.type === 'text') block.text += event.text;
        break;
      }
      case 'tool-call-start':
        blocks.set(event.block, { type: 'call', call: { id: event.callId, name: event.name, json: '' } });
        break;
      case 'tool-input-delta': {
        const block = blocks.get(event.block);
        if (block?.type === 'call') block.call.json += event.json;
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
  const parts = [...blocks.values()].map(
    (block): JsonObject => (block.type === 'text' ? { text: block.text } : encodeCall(block.call)),
  );
  return {
    candidates: [{ content: { parts, role: 'model' }, finishReason: mapStopReason(reason), index: 0 }],
    usageMetadata: encodeUsage(usage),
    modelVersion: model,
    responseId: id,
  };
}
