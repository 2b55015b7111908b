import { foldAnswer, inputTextOf } from '@proxycast/conversion';
import type { ChatBlock, Frame, StreamEvent } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { createStreamDecoder } from './decode-stream.ts';

const CONTEXT = { origin: 'anthropic:key', fallbackId: 'fallback', model: 'asked' };

const frame = (value: unknown): Frame => ({ data: JSON.stringify(value) });
const START = frame({
  type: 'message_start',
  message: { id: 'msg_1', model: 'claude', content: [], usage: { input_tokens: 3 } },
});
const STOP = frame({ type: 'message_stop' });
const start = (index: number, content_block: unknown) => frame({ type: 'content_block_start', index, content_block });
const delta = (index: number, fields: unknown) => frame({ type: 'content_block_delta', index, delta: fields });
const stop = (index: number) => frame({ type: 'content_block_stop', index });
const ended = (reason: string, usage: unknown = { output_tokens: 5 }) =>
  frame({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage });

function decode(...frames: readonly Frame[]): readonly StreamEvent[] {
  const decoder = createStreamDecoder(CONTEXT);
  return [...decoder.push(frames), ...decoder.end()];
}

const fold = (...frames: readonly Frame[]) => foldAnswer(decode(...frames), { id: '', model: '' });
const blocksOf = (...frames: readonly Frame[]): readonly ChatBlock[] =>
  fold(START, ...frames, ended('end_turn'), STOP).choices[0]?.blocks ?? [];
const textOf = (blocks: readonly ChatBlock[]): string =>
  blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');

describe('what is tolerated', () => {
  test('bug 21: events and deltas nobody knows', () => {
    const frames = [
      frame({ type: 'heartbeat', at: 1 }),
      start(0, { type: 'text', text: '' }),
      delta(0, { type: 'novel_delta', x: 1 }),
      delta(0, { type: 'text_delta', text: 'a', extra: true }),
      stop(0),
    ];
    expect(textOf(blocksOf(...frames))).toBe('a');
    expect(decode(START, ...frames)).toContainEqual({
      type: 'extension',
      protocol: 'anthropic',
      value: { type: 'heartbeat', at: 1 },
    });
  });

  test('bug 6: a second start', () => {
    const events = decode(START, START, ended('end_turn'), STOP);
    expect(events.filter(({ type }) => type === 'message-start')).toHaveLength(1);
  });

  test('bugs 5, 9: text and thinking that came without a block of their kind', () => {
    const blocks = blocksOf(
      delta(0, { type: 'text_delta', text: 'one' }),
      start(1, { type: 'text', text: '' }),
      delta(1, { type: 'thinking_delta', thinking: 'hm' }),
      delta(1, { type: 'text_delta', text: 'two' }),
      stop(1),
      delta(1, { type: 'text_delta', text: ' late' }),
    );
    expect(textOf(blocks)).toBe('onetwo late');
    expect(blocks).toContainEqual({ type: 'thinking', kind: 'summary', parts: ['hm'] });
  });

  test('a start that did not come, and names that are missing', () => {
    const events = decode(start(0, { type: 'tool_use', input: null }), stop(0), ended('tool_use'), STOP);
    expect(events[0]).toEqual({ type: 'message-start', id: 'fallback', model: 'asked' });
    expect(events[1]).toMatchObject({ type: 'tool-call-start', callId: expect.stringMatching(/^toolu_\w{24}$/) });
  });

  test('stops and deltas of blocks that never began, blocks that are none, and what follows the end', () => {
    const events = decode(
      START,
      stop(4),
      delta(5, { type: 'input_json_delta', partial_json: '{' }),
      delta(6, null),
      start(7, null),
      start(8, {}),
      ended('end_turn'),
      STOP,
      delta(0, { type: 'text_delta', text: 'late' }),
    );
    expect(events.map(({ type }) => type)).toEqual(['message-start', 'usage', 'usage', 'message-end']);
  });

  test('padding, a terminator of another dialect, and a name in the frame alone', () => {
    const { data } = ended('end_turn');
    const events = decode(
      START,
      { data: `${data}     ` },
      { data: '' },
      { event: 'message_stop', data: '{}' },
      { data: '[DONE]' },
    );
    expect(events.at(-1)).toMatchObject({ type: 'message-end', reason: 'end' });
  });

  test('blocks that overlap', () => {
    const blocks = blocksOf(
      start(0, { type: 'tool_use', id: 'a', name: 'x', input: {} }),
      start(1, { type: 'tool_use', id: 'b', name: 'y', input: {} }),
      delta(1, { type: 'input_json_delta', partial_json: '{"b":' }),
      delta(0, { type: 'input_json_delta', partial_json: '{"a":1}' }),
      delta(1, { type: 'input_json_delta', partial_json: '2}' }),
      stop(0),
      stop(1),
    );
    expect(blocks.map((block) => (block.type === 'tool-call' ? inputTextOf(block) : ''))).toEqual([
      '{"a":1}',
      '{"b":2}',
    ]);
  });
});

describe('what is read', () => {
  test.each([
    ['no piece', [], '{}'],
    ['empty pieces', [''], '{}'],
    ['pieces', ['', '{"a"', ':1}'], '{"a":1}'],
  ])('the input of a call: %s', (_name, pieces, expected) => {
    const blocks = blocksOf(
      start(0, { type: 'tool_use', id: 'a', name: 'x', input: {} }),
      ...pieces.map((partial_json) => delta(0, { type: 'input_json_delta', partial_json })),
      stop(0),
    );
    expect(blocks.map((block) => (block.type === 'tool-call' ? inputTextOf(block) : ''))).toEqual([expected]);
  });

  test('an input that stands in the start counts unless pieces follow', () => {
    const inputOf = (...pieces: readonly string[]) => {
      const [block] = blocksOf(
        start(0, { type: 'tool_use', id: 'a', name: 'x', input: { a: 1 } }),
        ...pieces.map((partial_json) => delta(0, { type: 'input_json_delta', partial_json })),
        stop(0),
      );
      return block?.type === 'tool-call' ? block.input : undefined;
    };
    expect([inputOf(), inputOf('{"b":2}')]).toEqual(['{"a":1}', '{"b":2}']);
  });

  test('thinking of which only a signature is left', () => {
    const [block] = blocksOf(
      start(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'signature_delta', signature: 'one' }),
      delta(0, { type: 'signature_delta', signature: 'two' }),
      stop(0),
    );
    expect(block).toEqual({
      type: 'thinking',
      kind: 'summary',
      parts: [],
      signature: { origin: 'anthropic:key', value: 'two' },
    });
  });

  test('counters of the end replace those of the start, and what the end leaves out stays', () => {
    const begun = frame({
      type: 'message_start',
      message: { usage: { input_tokens: 10, cache_read_input_tokens: 4, output_tokens: 1, service_tier: 'standard' } },
    });
    const usageOf = (usage: unknown) => fold(begun, ended('end_turn', usage), STOP).usage;
    expect(usageOf({ output_tokens: 9 })).toEqual({
      input: 14,
      cacheRead: 4,
      output: 9,
      extensions: { anthropic: { service_tier: 'standard' } },
    });
    expect(usageOf({ input_tokens: 20, cache_read_input_tokens: null, output_tokens: 9 })).toMatchObject({ input: 24 });
    expect(usageOf(null)).toMatchObject({ input: 14, output: 1 });
  });

  test('bug 85: a stream without message_delta ends, with the counts of its start', () => {
    expect(fold(START, STOP)).toMatchObject({ choices: [{ reason: 'other' }], usage: { input: 3 } });
  });

  test('a reason of the future is told in the same dialect', () => {
    expect(fold(START, ended('novel'), STOP).choices[0]).toMatchObject({
      reason: 'other',
      upstreamReason: 'novel',
      extensions: { anthropic: { stop_reason: 'novel' } },
    });
  });
});

describe('failures', () => {
  test.each([
    [
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
      'overloaded',
      'overloaded_error',
      'upstream',
    ],
    [{ type: 'error', error: { type: 'api_error', message: 'Internal' } }, 'upstream-failed', 'api_error', 'upstream'],
    [{ error: { message: 'odd' } }, 'upstream-failed', 'api_error', 'upstream'],
    [{ type: 'error' }, 'upstream-failed', 'api_error', 'upstream'],
    [
      { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 > 8' } },
      'invalid-request',
      'context_length_exceeded',
      'client',
    ],
  ])('%j ends the stream after the block that was open', (value, kind, code, fault) => {
    const events = decode(START, start(0, { type: 'text', text: 'a' }), frame(value), STOP);
    expect(events.slice(-2)).toMatchObject([
      { type: 'block-end', block: 0 },
      { type: 'error', error: { kind, code, fault } },
    ]);
  });

  test('bug 23: what cannot be read, and a stream that just ends, are faults of the upstream', () => {
    expect(decode(START, { data: '{"type":' }).at(-1)).toMatchObject({
      error: { code: 'upstream_invalid_frame', fault: 'upstream' },
    });
    expect(decode(START, { data: '[1]' }).at(-1)).toMatchObject({ error: { code: 'upstream_invalid_frame' } });
    expect(decode().at(-1)).toMatchObject({ error: { code: 'upstream_cut', kind: 'upstream-failed' } });
    expect(decode(START, ended('end_turn')).at(-1)).toMatchObject({ error: { code: 'upstream_cut' } });
  });
});
