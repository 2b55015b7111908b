import { type StopReason, type StreamEvent, type TokenUsage, unreachable } from '@proxycast/spec';
import { parseObject } from '@proxycast/wire';
import { encodeUsage } from './encode-usage.ts';
import { mapStopReason } from './map-stop-reason.ts';
import { messageId } from './message-id.ts';

type Block = { readonly type: 'text'; text: string } | ToolBlock;
interface ToolBlock {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  json: string;
}

/** The answer as one JSON value: what folding the stream of the same events gives. */
export function encodeAnswer(events: readonly StreamEvent[]): unknown {
  let id = '';
  let model = '';
  let usage: TokenUsage = {};
  let reason: StopReason = 'other';
  const blocks = new Map<number, Block>();
  for (const event of events) {
    switch (event.type) {
      case 'message-start':
        id = messageId(event.id);
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
        blocks.set(event.block, { type: 'tool_use', id: event.callId, name: event.name, json: '' });
        break;
      case 'tool-input-delta': {
        const block = blocks.get(event.block);
        if (block?.type === 'tool_use') block.json += event.json;
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
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [...blocks.values()].map(encodeBlock),
    stop_reason: mapStopReason(reason),
    stop_sequence: null,
    usage: encodeUsage(usage),
  };
}

function encodeBlock(block: Block): Readonly<Record<string, unknown>> {
  if (block.type === 'text') return { type: 'text', text: block.text };
  return { type: 'tool_use', id: block.id, name: block.name, input: decodeInput(block.json) };
}

/** No input at all means an empty one; text that is no JSON object is kept, under a name that says so. */
const decodeInput = (json: string): unknown => (json === '' ? {} : (parseObject(json) ?? { _raw: json }));
