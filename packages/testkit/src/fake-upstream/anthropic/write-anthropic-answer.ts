import { type ScriptedMessage, textPieces, usageOf } from '../answer.ts';
import type { AnswerContext, WrittenAnswer } from '../dialect.ts';

type Block =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'text'; readonly pieces: readonly string[] }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly json: string };

/** An answer as Anthropic writes it, whole or as events: protocols.md 4.2 and 4.3. */
export function writeAnthropicAnswer(content: ScriptedMessage, context: AnswerContext): WrittenAnswer {
  const { request } = context;
  const headers = { 'request-id': requestIdOf(request.index) };
  const blocks = blocksOf(content, context);
  const counted = usageOf(content);
  const stopReason =
    content.stop === 'length'
      ? 'max_tokens'
      : content.stop === 'refusal'
        ? 'refusal'
        : blocks.some((block) => block.type === 'tool_use')
          ? 'tool_use'
          : 'end_turn';
  const usage = {
    input_tokens: counted.input - counted.cacheRead - counted.cacheWrite,
    cache_creation_input_tokens: counted.cacheWrite,
    cache_read_input_tokens: counted.cacheRead,
    output_tokens: counted.output,
    service_tier: 'standard',
  };
  const message = {
    id: `msg_fake${String(request.index).padStart(8, '0')}`,
    type: 'message',
    role: 'assistant',
    model: request.model ?? 'claude-fake',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 1 },
  };
  if (!request.isStream) {
    const whole = { ...message, content: blocks.map(wholeBlock), stop_reason: stopReason, usage };
    return { headers: { ...headers, 'content-type': 'application/json' }, frames: [JSON.stringify(whole)] };
  }
  const frames = [
    anthropicEvent('message_start', { message }),
    ...blocks.flatMap((block, index) => blockEvents(block, index)),
    anthropicEvent('message_delta', {
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: counted.output },
    }),
    anthropicEvent('message_stop', {}),
  ];
  frames.splice(2, 0, anthropicEvent('ping', {}));
  return {
    headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    frames,
  };
}

export function anthropicEvent(type: string, fields: Readonly<Record<string, unknown>>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

export function requestIdOf(index: number): string {
  return `req_fake${String(index).padStart(8, '0')}`;
}

function blocksOf(content: ScriptedMessage, { request, rules }: AnswerContext): readonly Block[] {
  const blocks: Block[] = [];
  if (content.thinking !== undefined) {
    const signature = Buffer.from(`anthropic signature ${request.index} ${content.thinking}`).toString('base64');
    rules.memory.signatures.set(signature, content.thinking);
    blocks.push({ type: 'thinking', thinking: content.thinking, signature });
  }
  const pieces = textPieces(content.text);
  if (pieces.length > 0) blocks.push({ type: 'text', pieces });
  for (const [position, call] of (content.calls ?? []).entries()) {
    blocks.push({
      type: 'tool_use',
      id: call.id ?? `toolu_fake${request.index}_${position}`,
      name: call.name,
      json: JSON.stringify(call.input),
    });
  }
  return blocks;
}

function wholeBlock(block: Block): unknown {
  switch (block.type) {
    case 'thinking':
      return block;
    case 'text':
      return { type: 'text', text: block.pieces.join('') };
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: JSON.parse(block.json) };
  }
}

function blockEvents(block: Block, index: number): readonly string[] {
  const start = (shown: unknown) => anthropicEvent('content_block_start', { index, content_block: shown });
  const delta = (shown: unknown) => anthropicEvent('content_block_delta', { index, delta: shown });
  const stop = anthropicEvent('content_block_stop', { index });
  switch (block.type) {
    case 'thinking':
      return [
        start({ type: 'thinking', thinking: '', signature: '' }),
        ...textPieces(block.thinking).map((thinking) => delta({ type: 'thinking_delta', thinking })),
        delta({ type: 'signature_delta', signature: block.signature }),
        stop,
      ];
    case 'text':
      return [
        start({ type: 'text', text: '' }),
        ...block.pieces.map((text) => delta({ type: 'text_delta', text })),
        stop,
      ];
    case 'tool_use':
      return [
        start({ type: 'tool_use', id: block.id, name: block.name, input: {} }),
        delta({ type: 'input_json_delta', partial_json: '' }),
        ...cutInTwo(block.json).map((json) => delta({ type: 'input_json_delta', partial_json: json })),
        stop,
      ];
  }
}

function cutInTwo(json: string): readonly string[] {
  const middle = Math.floor(json.length / 2);
  return [json.slice(0, middle), json.slice(middle)].filter((piece) => piece.length > 0);
}
