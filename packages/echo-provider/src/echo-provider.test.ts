import type { ChatRequest, ChatTurn, FunctionTool } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { createEchoProvider } from './echo-provider.ts';

const provider = createEchoProvider({ newId: () => 'id1', protocols: ['openai'] });

const weather: FunctionTool = {
  type: 'function',
  name: 'get_weather',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 }, unit: { enum: ['c', 'f'] } },
    required: ['city', 'days', 'unit'],
  },
};

const said = (role: ChatTurn['role'], text: string): ChatTurn => ({ role, blocks: [{ type: 'text', text }] });

function ask(text: string, rest: Partial<ChatRequest> = {}) {
  if (provider.transport.type !== 'local') throw new Error('local expected');
  return provider.transport.answer({
    protocol: 'openai',
    model: 'proxycast-echo',
    stream: false,
    turns: [said('user', text)],
    tools: [],
    ...rest,
  });
}

const textOf = (events: ReturnType<typeof ask>): string =>
  events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');

test('echoes the last user text in pieces that never cut a character', () => {
  const text = '你好 🌍🌏🌎 '.repeat(30);
  const events = ask(text);
  expect(textOf(events)).toBe(text);
  for (const event of events) if (event.type === 'text-delta') expect(event.text.isWellFormed()).toBe(true);
  expect(events[0]).toEqual({ type: 'message-start', id: 'id1', model: 'proxycast-echo' });
  expect(events.at(-1)).toEqual({ type: 'message-end', reason: 'end' });
});

test('calls the tool that the prompt names, with an input that fits its schema', () => {
  const events = ask('please run get_weather', { tools: [weather] });
  const json = events.map((event) => (event.type === 'tool-input-delta' ? event.json : '')).join('');
  expect(JSON.parse(json)).toEqual({ city: 'please run get_weather', days: 2, unit: 'c' });
  expect(events.at(-1)).toEqual({ type: 'message-end', reason: 'tool-use' });
});

test('takes the input from the prompt when it holds one', () => {
  const events = ask('use a tool with {"city":"Oslo"}', { tools: [weather] });
  expect(events.some((event) => event.type === 'tool-input-delta' && event.json === '{"city":"Oslo"}')).toBe(true);
});

test('does not call a tool when none was asked for, nor after a result', () => {
  expect(textOf(ask('hello', { tools: [weather] }))).toBe('hello');
  const turns: readonly ChatTurn[] = [
    said('user', 'call a tool'),
    {
      role: 'tool',
      blocks: [{ type: 'tool-result', callId: 'call_1', blocks: [{ type: 'text', text: 'sunny' }] }],
    },
  ];
  expect(textOf(ask('', { tools: [weather], turns }))).toBe('sunny');
});
