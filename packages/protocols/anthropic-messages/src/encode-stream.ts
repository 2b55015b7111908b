import { type StopReason, type StreamEncoder, type StreamEvent, type TokenUsage, unreachable } from '@proxycast/spec';
import { encodeUsage } from './encode-usage.ts';
import { mapStopReason } from './map-stop-reason.ts';
import { messageId } from './message-id.ts';

/**
 * Writes the events the API sends, in its order. The last two wait for `end()`: they carry the final usage, which may
 * come after the reason to stop. A message that never ended gets no `message_stop`.
 */
export function createStreamEncoder(): StreamEncoder {
  let usage: TokenUsage = {};
  let stopReason: StopReason | undefined;
  let hasPinged = false;
  const toolBlocks = new Set<number>();

  const encode = (event: StreamEvent): string => {
    switch (event.type) {
      case 'message-start':
        return frame('message_start', {
          message: {
            id: messageId(event.id),
            type: 'message',
            role: 'assistant',
            model: event.model,
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: { ...encodeUsage(usage), output_tokens: 0 },
          },
        });
      case 'text-start':
        return startBlock(event.block, { type: 'text', text: '' });
      case 'text-delta':
        return frame('content_block_delta', { index: event.block, delta: { type: 'text_delta', text: event.text } });
      case 'tool-call-start':
        toolBlocks.add(event.block);
        return (
          startBlock(event.block, { type: 'tool_use', id: event.callId, name: event.name, input: {} }) +
          inputDelta(event.block, '')
        );
      case 'tool-input-delta':
        return inputDelta(event.block, event.json);
      case 'block-end':
        return frame('content_block_stop', { index: event.block });
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

  /** The API pings once, after the first block has begun. */
  const startBlock = (index: number, block: Readonly<Record<string, unknown>>): string => {
    const start = frame('content_block_start', { index, content_block: block });
    if (hasPinged) return start;
    hasPinged = true;
    return start + frame('ping', {});
  };

  return {
    push(events) {
      // Clients show the size of the context from the first event, so usage that is already known goes into it.
      for (const event of events) if (event.type === 'usage') usage = { ...usage, ...event.usage };
      return events.map(encode).join('');
    },
    end() {
      if (stopReason === undefined) return '';
      return (
        frame('message_delta', {
          delta: { stop_reason: mapStopReason(stopReason), stop_sequence: null },
          usage: encodeUsage(usage),
        }) + frame('message_stop', {})
      );
    },
  };
}

const inputDelta = (index: number, json: string): string =>
  frame('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: json } });

const frame = (type: string, fields: Readonly<Record<string, unknown>>): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
