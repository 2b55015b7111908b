import { InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';

const BASE = { model: 'claude', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };

test('decodes texts, results and tools, and passes by what is neither', () => {
  const schema = { type: 'object', properties: { path: { type: 'string' } } };
  const body = {
    ...BASE,
    system: [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two', cache_control: { type: 'ephemeral' } },
    ],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image', source: { type: 'base64', data: 'aa' } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 's' },
          { type: 'tool_use', id: 't', name: 'read', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 't',
            content: [
              { type: 'text', text: 'file' },
              { type: 'image', source: {} },
            ],
          },
          { type: 'tool_result', tool_use_id: 'u', content: 'plain' },
          { type: 'tool_result', tool_use_id: 'v' },
          { type: 'text', text: 'and?' },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'w', content: 'last' }] },
    ],
    tools: [
      { name: 'read', input_schema: schema },
      { type: 'custom', name: 'bare', input_schema: null },
      { type: 'web_search_20250305', name: 'web_search' },
    ],
  };
  expect(decodeRequest(body, { isStream: true })).toEqual({
    model: 'claude',
    stream: true,
    turns: [
      { role: 'system', text: 'one\ntwo' },
      { role: 'user', text: 'look' },
      { role: 'assistant', text: '' },
      { role: 'tool', text: 'file' },
      { role: 'tool', text: 'plain' },
      { role: 'tool', text: '' },
      { role: 'user', text: 'and?' },
      { role: 'tool', text: 'last' },
    ],
    tools: [
      { name: 'read', inputSchema: schema },
      { name: 'bare', inputSchema: {} },
    ],
  });
});

test('tokens are counted without a bound on the answer', () => {
  const { max_tokens: _, ...body } = BASE;
  expect(decodeRequest(body, { isStream: false, isTokenCount: true }).turns).toHaveLength(1);
});

describe('refuses', () => {
  const without = (name: keyof typeof BASE): unknown =>
    Object.fromEntries(Object.entries(BASE).filter(([key]) => key !== name));
  const saying = (message: unknown): unknown => ({ ...BASE, messages: [message] });

  test.each([
    ['no object', [], undefined],
    ['no model', without('model'), 'model'],
    ['no max_tokens', without('max_tokens'), 'max_tokens'],
    ['max_tokens of 0', { ...BASE, max_tokens: 0 }, 'max_tokens'],
    ['no messages', without('messages'), 'messages'],
    ['messages as text', { ...BASE, messages: 'hi' }, 'messages'],
    ['no message', { ...BASE, messages: [] }, 'messages'],
    ['a message as text', saying('hi'), 'messages.0'],
    ['an unknown role', saying({ role: 'tool', content: 'x' }), 'messages.0.role'],
    ['no content', saying({ role: 'user' }), 'messages.0.content'],
    ['content as a number', saying({ role: 'user', content: 4 }), 'messages.0.content'],
    ['a block as text', saying({ role: 'user', content: ['x'] }), 'messages.0.content.0'],
    ['a text block without text', saying({ role: 'user', content: [{ type: 'text' }] }), 'messages.0.content.0.text'],
    [
      'a result as a number',
      saying({ role: 'user', content: [{ type: 'tool_result', content: 4 }] }),
      'messages.0.content.0.content',
    ],
    ['system as a number', { ...BASE, system: 4 }, 'system'],
    ['tools as an object', { ...BASE, tools: {} }, 'tools'],
    ['a tool without a name', { ...BASE, tools: [{ input_schema: {} }] }, 'tools.0.name'],
    ['a schema as text', { ...BASE, tools: [{ name: 'x', input_schema: 'y' }] }, 'tools.0.input_schema'],
  ])('%s', (_name, body, field) => {
    const decode = () => decodeRequest(body, { isStream: false });
    expect(decode).toThrow(InvalidRequestError);
    expect(decode).toThrow(expect.objectContaining(field === undefined ? {} : { field }));
  });
});
