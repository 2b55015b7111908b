import type { Frame, StreamEvent } from '@proxycast/spec';
import { loadRecordings } from '@proxycast/testkit';
import { readSseFrames } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { AnswerDecoder } from './answer-decoder.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { RepeatedDelta } from './repeated-delta.ts';

const PARTS = { origin: 'openai:here', fallbackId: 'fallback', model: 'asked', inlineThinking: false };
const chunk = (text: string, more = '') =>
  `{"id":"a","choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"logprobs":null}]${more}}`;
const said = (text: string): readonly StreamEvent[] => [{ type: 'text-delta', block: 3, text }];

describe('a chunk that differs in its text alone', () => {
  const first = RepeatedDelta.of(chunk('one'), said('one'), 0);

  test.each(['two', '', 'a "quoted" \\ thing\n', '😀', '\\', '"', '\ud800', '"},"x":{"content":"'])('%j', (text) => {
    expect(first?.read(chunk(text))).toBe(text);
  });

  test('may end with random text', () => {
    const padded = RepeatedDelta.of(chunk('one', ',"obfuscation":"Ab1"'), said('one'), 0);
    expect(padded?.read(chunk('two', ',"obfuscation":"Xyz123"'))).toBe('two');
    expect(padded?.read(chunk('two', ',"obfuscation":""'))).toBe('two');
    expect(padded?.read(chunk('two', ',"obfuscation":"X","usage":"Y"'))).toBeUndefined();
    expect(padded?.read(chunk('two', ',"obfuscation":"X\\""'))).toBeUndefined();
    expect(padded?.read(chunk('two'))).toBeUndefined();
  });

  test('names the block of the one before', () => {
    expect(first?.event('two')).toEqual({ type: 'text-delta', block: 3, text: 'two' });
  });
});

describe('no such chunk', () => {
  const first = RepeatedDelta.of(chunk('one'), said('one'), 0);

  test.each([
    chunk('two', ',"usage":{}'),
    chunk('two').replace('"index":0', '"index":1'),
    chunk('two').replace('null', '"stop"'),
    chunk('two').slice(0, -1),
    `${chunk('two')} `,
    chunk('two').replace('two', 'two\\x'),
    '{"id":"a","choices":[{"index":0,"delta":{"content":"two',
    '[DONE]',
    '',
  ])('%s', (data) => {
    expect(first?.read(data)).toBeUndefined();
  });

  test.each<[string, string, readonly StreamEvent[]]>([
    ['two events', chunk('one'), [...said('one'), { type: 'ping' }]],
    ['another event', chunk('one'), [{ type: 'ping' }]],
    ['logprobs', chunk('one'), [{ type: 'text-delta', block: 0, text: 'one', logprobs: [] }]],
    ['a text in escapes', chunk('one').replace('one', '\\u006fne'), said('one')],
    ['a field that is there twice', chunk('one', ',"message":{"content":"one"}'), said('one')],
    ['no such field', '{"choices":[{"delta":{"text":"one"}}]}', said('one')],
  ])('is made of %s', (_name, data, events) => {
    expect(RepeatedDelta.of(data, events, 0)).toBeUndefined();
  });
});

test('every recorded stream is read as it would be without', () => {
  let repeated = 0;
  for (const recording of loadRecordings({ protocol: 'openai-chat', kind: 'stream', status: 200 })) {
    const frames: readonly Frame[] = [...readSseFrames(`${recording.bytes().toString('utf8')}\n\n`)];
    const quick = createStreamDecoder(PARTS);
    const whole = new AnswerDecoder(PARTS);
    for (const frame of frames) {
      if (frame.data === '[DONE]' || frame.event === 'error' || frame.data.includes('"error"')) break;
      const events: StreamEvent[] = [];
      whole.push(JSON.parse(frame.data), events);
      expect(quick.push([frame])).toEqual(events);
      repeated += events.length;
    }
  }
  expect(repeated).toBeGreaterThan(5000);
});
