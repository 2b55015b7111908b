import type { StopReason } from '@proxycast/spec';
import { arrayOf, isObject, isString, type JsonObject, objectsOf, parseJson } from '../../json.ts';
import { type AnswerFacts, settleStop, type UsageFacts } from '../answer-facts.ts';
import { countOf, defined, distinct, objectsIn, type RawAnswerReader, RawStreamFault, sumOf } from './raw-answer.ts';

const STOPS: Readonly<Record<string, StopReason>> = {
  end_turn: 'end',
  max_tokens: 'length',
  stop_sequence: 'stop-sequence',
  tool_use: 'tool-use',
  pause_turn: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context-full',
  compaction: 'compaction',
};

/** protocols.md 4.2 and 4.3. */
export const rawAnthropic: RawAnswerReader = {
  fold(frames) {
    let message: Record<string, unknown> | undefined;
    let isStopped = false;
    const blocks: Record<string, unknown>[] = [];
    const open = new Map<number, { json: string; hasJson: boolean }>();
    for (const { value } of objectsIn(frames)) {
      const index = Number(value.index);
      if (value.type === 'error') throw new RawStreamFault(JSON.stringify(value.error));
      if (isStopped && value.type !== 'ping') throw new RawStreamFault(`${String(value.type)} after message_stop`);
      switch (value.type) {
        case 'message_start':
          if (message !== undefined) throw new RawStreamFault('message_start twice');
          message = { ...(isObject(value.message) ? value.message : {}) };
          blocks.push(...objectsOf(message.content).map((block) => ({ ...block })));
          break;
        case 'content_block_start':
          if (message === undefined) throw new RawStreamFault('a block before message_start');
          if (index !== blocks.length) throw new RawStreamFault(`block ${index} after ${blocks.length - 1}`);
          if (open.size > 0) throw new RawStreamFault(`block ${index} overlaps another`);
          blocks.push({ ...(isObject(value.content_block) ? value.content_block : {}) });
          open.set(index, { json: '', hasJson: false });
          break;
        case 'content_block_delta': {
          const block = blocks[index];
          const state = open.get(index);
          if (block === undefined || state === undefined) throw new RawStreamFault('Content block not found');
          applyDelta(block, state, isObject(value.delta) ? value.delta : {});
          break;
        }
        case 'content_block_stop': {
          const state = open.get(index);
          const block = blocks[index];
          if (state === undefined || block === undefined) throw new RawStreamFault('Content block not found');
          if (state.hasJson) block.input = state.json === '' ? {} : (parseJson(state.json) ?? state.json);
          open.delete(index);
          break;
        }
        case 'message_delta':
          if (message === undefined) throw new RawStreamFault('message_delta before message_start');
          if (open.size > 0) throw new RawStreamFault('message_delta inside a block');
          Object.assign(message, isObject(value.delta) ? value.delta : {});
          message.usage = {
            ...(isObject(message.usage) ? message.usage : {}),
            ...Object.fromEntries(
              Object.entries(isObject(value.usage) ? value.usage : {}).filter(([, count]) => count !== null),
            ),
          };
          break;
        case 'message_stop':
          isStopped = true;
          break;
        default:
      }
    }
    if (message === undefined || !isStopped) throw new RawStreamFault('no message_stop');
    return { ...message, content: blocks };
  },
  read: readAnthropicBody,
};

function applyDelta(
  block: Record<string, unknown>,
  state: { json: string; hasJson: boolean },
  delta: JsonObject,
): void {
  const add = (field: string, piece: unknown) => {
    block[field] = `${isString(block[field]) ? block[field] : ''}${String(piece)}`;
  };
  switch (delta.type) {
    case 'text_delta':
      if (block.type !== 'text') throw new RawStreamFault(`text_delta in a ${String(block.type)} block`);
      add('text', delta.text);
      break;
    case 'thinking_delta':
      if (block.type !== 'thinking') throw new RawStreamFault(`thinking_delta in a ${String(block.type)} block`);
      add('thinking', delta.thinking);
      break;
    case 'signature_delta':
      if (block.type !== 'thinking') throw new RawStreamFault(`signature_delta in a ${String(block.type)} block`);
      block.signature = delta.signature;
      break;
    case 'input_json_delta':
      state.json += String(delta.partial_json);
      state.hasJson = true;
      break;
    case 'citations_delta':
      block.citations = [...arrayOf(block.citations), delta.citation];
      break;
    default:
  }
}

function readAnthropicBody(body: JsonObject): AnswerFacts {
  const blocks = objectsOf(body.content);
  const textsOf = (type: string, field: string) =>
    blocks.filter((block) => block.type === type).map((block) => (isString(block[field]) ? block[field] : ''));
  const calls = blocks
    .filter((block) => block.type === 'tool_use')
    .map((block) => ({
      id: String(block.id),
      name: String(block.name),
      input: block.input ?? {},
      kind: 'function' as const,
    }));
  const stop = isString(body.stop_reason) ? (STOPS[body.stop_reason] ?? 'other') : 'other';
  return {
    choices: [
      {
        text: textsOf('text', 'text').join(''),
        refusal: '',
        thinking: textsOf('thinking', 'thinking').filter((text) => text !== ''),
        calls,
        cited: distinct(blocks.flatMap((block) => objectsOf(block.citations)).map(({ url }) => url)),
        pictures: 0,
        stop: settleStop(stop, calls.length),
      },
    ],
    ...(isObject(body.usage) ? { usage: usageOf(body.usage) } : {}),
  };
}

function usageOf(usage: JsonObject): UsageFacts {
  const cacheRead = countOf(usage.cache_read_input_tokens);
  const cacheWrite = countOf(usage.cache_creation_input_tokens);
  const details = isObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  return defined<UsageFacts>({
    input: sumOf(countOf(usage.input_tokens), cacheRead, cacheWrite),
    cacheRead,
    cacheWrite,
    output: countOf(usage.output_tokens),
    reasoning: countOf(details.thinking_tokens),
  });
}
