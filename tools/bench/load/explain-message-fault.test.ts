import { expect, test } from 'vitest';
import { explainMessageFault } from './explain-message-fault.ts';

const WHOLE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'bench-model',
  content: [{ type: 'text', text: 'hello 你好' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 7 },
};
const whole = { isStream: false, text: 'hello 你好', outputTokens: 7 };
const explainWhole = (body: unknown) => explainMessageFault(Buffer.from(JSON.stringify(body)), whole);

test('a whole message is in order', () => {
  expect(explainWhole(WHOLE)).toBeUndefined();
});

test.each([
  ['no message', { ...WHOLE, type: 'error' }],
  ['no message', { choices: [] }],
  ['says 5 characters where the upstream said 8', { ...WHOLE, content: [{ type: 'text', text: 'hello' }] }],
  ['the stop reason max_tokens', { ...WHOLE, stop_reason: 'max_tokens' }],
  ['counts 0 tokens, not 7', { ...WHOLE, usage: { input_tokens: 1, output_tokens: 0 } }],
])('a body is refused: %s', (why, body) => {
  expect(explainWhole(body)).toContain(why);
});

test('a body that is cut is refused', () => {
  expect(explainMessageFault(Buffer.from(JSON.stringify(WHOLE).slice(0, -1)), whole)).toContain('no message');
});

const EVENTS = {
  start: { type: 'message_start', message: { ...WHOLE, content: [], stop_reason: null } },
  ping: { type: 'ping' },
  open: { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  hello: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello ' } },
  wide: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '你好' } },
  close: { type: 'content_block_stop', index: 0 },
  delta: { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
  stop: { type: 'message_stop' },
};
const ORDER = ['start', 'ping', 'open', 'hello', 'wide', 'close', 'delta', 'stop'] as const;
const renderStream = (names: readonly (keyof typeof EVENTS)[]): string =>
  names.map((name) => `event: ${EVENTS[name].type}\ndata: ${JSON.stringify(EVENTS[name])}\n\n`).join('');
const explainStream = (body: string) => explainMessageFault(Buffer.from(body), { ...whole, isStream: true });

test('a whole stream is in order', () => {
  expect(explainStream(renderStream(ORDER))).toBeUndefined();
});

test.each(ORDER.filter((name) => name !== 'ping'))('a stream without its %s is refused', (name) => {
  expect(explainStream(renderStream(ORDER.filter((one) => one !== name)))).toBeDefined();
});

test.each(ORDER.filter((name) => name !== 'ping'))('a stream with %s twice is refused', (name) => {
  expect(explainStream(renderStream(ORDER.flatMap((one) => (one === name ? [one, one] : [one]))))).toBeDefined();
});

test.each([
  ['ends within an event', renderStream(ORDER).slice(0, -1)],
  ['another dialect', `${renderStream(ORDER)}data: [DONE]\n\n`],
  ['another dialect', renderStream(ORDER).replace('event: message_stop', 'event: ping')],
  ['another dialect', 'data: {"choices":[]}\n\ndata: [DONE]\n\n'],
])('a stream is refused: %s', (why, body) => {
  expect(explainStream(body)).toContain(why);
});
