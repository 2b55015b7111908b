import { expect, test } from 'vitest';
import { renderMessagesRequest } from '../load/render-messages-request.ts';
import { explainLostParts } from './explain-lost-parts.ts';

const SENT = {
  model: 'bench-model',
  max_tokens: 100,
  system: [{ type: 'text', text: 'be "brief"' }],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'read both' }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I do.' },
        { type: 'tool_use', id: 'toolu_a', name: 'read', input: { path: 'a' } },
        { type: 'tool_use', id: 'toolu_b', name: 'read', input: { path: 'b' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_a', content: 'text of a' },
        { type: 'tool_result', tool_use_id: 'toolu_b', content: [{ type: 'text', text: 'text of b' }], is_error: true },
      ],
    },
  ],
  tools: [{ name: 'read', input_schema: { type: 'object' } }],
  stream: true,
};
const renderCall = (id: string, path: string) => ({
  id,
  type: 'function',
  function: { name: 'read', arguments: `{ "path": "${path}" }` },
});
const CALLS = [renderCall('call_1', 'a'), renderCall('call_2', 'b')];
const SYSTEM = { role: 'system', content: 'be "brief"' };
const QUESTION = { role: 'user', content: [{ type: 'text', text: 'read both' }] };
const RESULTS = [
  { role: 'tool', tool_call_id: 'call_1', content: 'text of a' },
  { role: 'tool', tool_call_id: 'call_2', content: 'Error: text of b' },
];
const TOOLS = [{ type: 'function', function: { name: 'read', parameters: { type: 'object' } } }];
const CONVERTED = {
  model: 'bench-model',
  messages: [SYSTEM, QUESTION, { role: 'assistant', content: 'I do.', tool_calls: CALLS }, ...RESULTS],
  tools: TOOLS,
  stream: true,
  max_completion_tokens: 100,
};
const explain = (received: unknown) =>
  explainLostParts(Buffer.from(JSON.stringify(SENT)), Buffer.from(JSON.stringify(received)));
const withMessages = (...messages: unknown[]) => ({ ...CONVERTED, messages });
const ASSISTANT = { role: 'assistant', content: 'I do.', tool_calls: CALLS };

test('all is there, with other ids and with words around the error', () => {
  expect(explain(CONVERTED)).toBeUndefined();
});

test.each([
  ['no chat request', SENT],
  ['no chat request', withMessages(SYSTEM, QUESTION, { ...ASSISTANT, tool_calls: [{ ...CALLS[0], function: {} }] })],
  ['the model another', { ...CONVERTED, model: 'another' }],
  ['no stream', { ...CONVERTED, stream: false }],
  ['other tools', { ...CONVERTED, tools: [] }],
  ['other tool calls', withMessages(SYSTEM, QUESTION, { ...ASSISTANT, tool_calls: CALLS.slice(1) }, RESULTS[1])],
  ['other tool results', withMessages(SYSTEM, QUESTION, ASSISTANT, RESULTS[0])],
  ['other tool results', withMessages(SYSTEM, QUESTION, ASSISTANT, RESULTS[1], RESULTS[0])],
  ['the text "be \\"brief\\""…', withMessages(QUESTION, ASSISTANT, ...RESULTS)],
  ['the text "I do."…', withMessages(SYSTEM, ASSISTANT, QUESTION, ...RESULTS)],
])('a conversation is refused: %s', (why, received) => {
  expect(explain(received)).toContain(why);
});

test('the requests of the benchmark can be read', () => {
  const shape = { bytes: 150_000, messages: 135, tools: 25, isStream: true };
  expect(explainLostParts(renderMessagesRequest(shape), Buffer.from('{}'))).toContain('no chat request');
});
