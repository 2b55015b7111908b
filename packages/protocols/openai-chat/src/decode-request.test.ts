import { InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';

const BASE = { model: 'gpt', messages: [{ role: 'user', content: 'hi' }] };

test('decodes texts, results and tools, and passes by what is neither', () => {
  const schema = { type: 'object', properties: { path: { type: 'string' } } };
  const body = {
    model: 'gpt',
    stream_options: { include_usage: true },
    messages: [
      { role: 'system', content: 'one' },
      { role: 'developer', content: [{ type: 'text', text: 'two' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'data:' } },
          { type: 'text', text: 'here' },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 't', type: 'function', function: { name: 'read', arguments: '{}' } }],
      },
      { role: 'assistant', tool_calls: [] },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] },
      { role: 'tool', tool_call_id: 't', content: 'file' },
      { role: 'function', name: 'old', content: 'result' },
    ],
    tools: [
      { type: 'function', function: { name: 'read', parameters: schema } },
      { type: 'function', function: { name: 'bare' } },
      { type: 'custom', custom: { name: 'free' } },
    ],
  };
  expect(decodeRequest(body, { isStream: true })).toEqual({
    model: 'gpt',
    stream: true,
    turns: [
      { role: 'system', text: 'one' },
      { role: 'system', text: 'two' },
      { role: 'user', text: 'look\nhere' },
      { role: 'assistant', text: '' },
      { role: 'assistant', text: '' },
      { role: 'assistant', text: '' },
      { role: 'tool', text: 'file' },
      { role: 'tool', text: 'result' },
    ],
    tools: [
      { name: 'read', inputSchema: schema },
      { name: 'bare', inputSchema: {} },
    ],
    extensions: { stream_options: { include_usage: true } },
  });
});

test('decodes the old form of tools', () => {
  expect(decodeRequest({ ...BASE, functions: [{ name: 'read', parameters: {} }] }, { isStream: false })).toMatchObject({
    tools: [{ name: 'read', inputSchema: {} }],
    extensions: { functions: true },
  });
});

describe('refuses', () => {
  const saying = (message: unknown): unknown => ({ ...BASE, messages: [message] });

  test.each([
    ['no object', 'x', undefined],
    ['no model', { messages: BASE.messages }, 'model'],
    ['a model as a number', { ...BASE, model: 4 }, 'model'],
    ['no messages', { model: 'gpt' }, 'messages'],
    ['messages as text', { ...BASE, messages: 'hi' }, 'messages'],
    ['no message', { ...BASE, messages: [] }, 'messages'],
    ['a message as text', saying('hi'), 'messages[0]'],
    ['an unknown role', saying({ role: 'model', content: 'x' }), 'messages[0].role'],
    ['a user who says nothing', saying({ role: 'user' }), 'messages[0].content'],
    ['content as an object', saying({ role: 'user', content: {} }), 'messages[0].content'],
    ['a part as text', saying({ role: 'user', content: ['x'] }), 'messages[0].content[0]'],
    ['a text part without text', saying({ role: 'user', content: [{ type: 'text' }] }), 'messages[0].content[0].text'],
    ['tools as an object', { ...BASE, tools: {} }, 'tools'],
    ['a tool as text', { ...BASE, tools: ['x'] }, 'tools[0]'],
    ['a function without a name', { ...BASE, tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    ['parameters as text', { ...BASE, functions: [{ name: 'x', parameters: 'y' }] }, 'functions[0].parameters'],
  ])('%s', (_name, body, field) => {
    const decode = () => decodeRequest(body, { isStream: false });
    expect(decode).toThrow(InvalidRequestError);
    expect(decode).toThrow(expect.objectContaining(field === undefined ? {} : { field }));
  });
});
