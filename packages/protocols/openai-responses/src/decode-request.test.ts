import { InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';

test('decodes texts, results and tools, and passes by what is neither', () => {
  const schema = { type: 'object', properties: { path: { type: 'string' } } };
  const tools = [
    { type: 'function', name: 'read', parameters: schema, strict: true },
    { type: 'function', name: 'bare', parameters: null },
    { type: 'custom', name: 'apply_patch' },
    { type: 'web_search' },
  ];
  const body = {
    model: 'gpt',
    instructions: 'one',
    input: [
      { role: 'developer', content: 'two' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'look' },
          { type: 'input_image', image_url: 'data:' },
          { type: 'input_text', text: 'here' },
        ],
      },
      { type: 'reasoning', id: 'rs_1', summary: [] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'well', annotations: [] }] },
      { type: 'function_call', call_id: 'c', name: 'read', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'file' },
      { type: 'custom_tool_call_output', call_id: 'd', output: [{ type: 'input_text', text: 'done' }] },
      { type: 'item_reference', id: 'x' },
    ],
    tools,
    store: false,
    metadata: { k: 'v' },
    temperature: 0,
    previous_response_id: null,
  };
  expect(decodeRequest(body, { isStream: true })).toEqual({
    model: 'gpt',
    stream: true,
    turns: [
      { role: 'system', text: 'one' },
      { role: 'system', text: 'two' },
      { role: 'user', text: 'look\nhere' },
      { role: 'assistant', text: 'well' },
      { role: 'assistant', text: '' },
      { role: 'tool', text: 'file' },
      { role: 'tool', text: 'done' },
    ],
    tools: [
      { name: 'read', inputSchema: schema },
      { name: 'bare', inputSchema: {} },
    ],
    extensions: { instructions: 'one', store: false, metadata: { k: 'v' }, temperature: 0, tools },
  });
});

test('a text alone is what the user says', () => {
  expect(decodeRequest({ model: 'gpt', input: 'hi' }, { isStream: false }).turns).toEqual([
    { role: 'user', text: 'hi' },
  ]);
});

describe('refuses', () => {
  const saying = (item: unknown): unknown => ({ model: 'gpt', input: [item] });

  test.each([
    ['no object', null, undefined],
    ['no model', { input: 'hi' }, 'model'],
    ['no input', { model: 'gpt' }, 'input'],
    ['input as an object', { model: 'gpt', input: {} }, 'input'],
    ['instructions as a list', { model: 'gpt', input: 'hi', instructions: [] }, 'instructions'],
    ['an item as text', saying('hi'), 'input[0]'],
    ['an unknown role', saying({ role: 'tool', content: 'x' }), 'input[0].role'],
    ['a type that is no text', saying({ type: 4 }), 'input[0].type'],
    ['no content', saying({ role: 'user' }), 'input[0].content'],
    [
      'a text part without text',
      saying({ role: 'user', content: [{ type: 'input_text' }] }),
      'input[0].content[0].text',
    ],
    ['a result without output', saying({ type: 'function_call_output', call_id: 'c' }), 'input[0].output'],
    ['a tool without a name', { model: 'gpt', input: 'hi', tools: [{ type: 'function' }] }, 'tools[0].name'],
    ['an earlier response', { model: 'gpt', input: 'hi', previous_response_id: 'resp_1' }, 'previous_response_id'],
    ['a conversation', { model: 'gpt', input: 'hi', conversation: 'conv_1' }, 'conversation'],
    ['a stored prompt', { model: 'gpt', prompt: { id: 'pmpt_1' } }, 'prompt'],
    ['background work', { model: 'gpt', input: 'hi', background: true }, 'background'],
  ])('%s', (_name, body, field) => {
    const decode = () => decodeRequest(body, { isStream: false });
    expect(decode).toThrow(InvalidRequestError);
    expect(decode).toThrow(expect.objectContaining(field === undefined ? {} : { field }));
  });
});
