import { InvalidRequestError } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';

const CONTEXT = { isStream: true, pathModel: 'gemini' };
const SCHEMA = {
  type: 'OBJECT',
  properties: { type: { type: 'STRING' }, list: { type: 'ARRAY', items: { anyOf: [{ type: 'NUMBER' }] } } },
};
const DECODED = {
  type: 'object',
  properties: { type: { type: 'string' }, list: { type: 'array', items: { anyOf: [{ type: 'number' }] } } },
};
const EXPECTED = {
  model: 'gemini',
  stream: true,
  turns: [
    { role: 'system', text: 'one' },
    { role: 'user', text: 'look\nhere' },
    { role: 'assistant', text: 'well' },
    { role: 'tool', text: 'file' },
    { role: 'tool', text: '{"a":1}' },
    { role: 'user', text: 'and?' },
  ],
  tools: [
    { name: 'read', inputSchema: DECODED },
    { name: 'json', inputSchema: { type: 'object' } },
    { name: 'bare', inputSchema: {} },
  ],
};

test('decodes texts, results and tools, and passes by what is neither', () => {
  const body = {
    systemInstruction: { parts: [{ text: 'one' }] },
    contents: [
      { parts: [{ text: 'look' }, { inlineData: { mimeType: 'image/png', data: '' } }, { text: 'here' }] },
      {
        role: 'model',
        parts: [{ text: 'hm', thought: true }, { text: 'well' }, { functionCall: { name: 'read', args: {} } }],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'read', response: { output: 'file' } } },
          { functionResponse: { name: 'read', response: { a: 1 } } },
          { text: 'and?' },
        ],
      },
    ],
    tools: [
      {
        functionDeclarations: [
          { name: 'read', parameters: SCHEMA },
          { name: 'json', parametersJsonSchema: { type: 'object' } },
          { name: 'bare' },
        ],
      },
      { googleSearch: {} },
    ],
  };
  expect(decodeRequest(body, CONTEXT)).toEqual(EXPECTED);
  expect(decodeRequest({ generateContentRequest: { model: 'models/gemini', ...body } }, CONTEXT)).toEqual(EXPECTED);
});

test('decodes snake case, single values and a system instruction as text', () => {
  const body = {
    system_instruction: 'one',
    contents: [
      { role: 'user', parts: [{ text: 'look' }, { inline_data: {} }, { text: 'here' }] },
      { role: 'model', parts: { text: 'well' } },
      {
        role: 'function',
        parts: [
          { function_response: { name: 'read', response: { output: 'file' } } },
          { function_response: { name: 'read', response: { a: 1 } } },
        ],
      },
      { role: 'user', parts: { text: 'and?' } },
    ],
    tools: {
      function_declarations: [
        { name: 'read', parameters: SCHEMA },
        { name: 'json', parameters_json_schema: { type: 'object' } },
        { name: 'bare', parameters: null },
      ],
    },
  };
  expect(decodeRequest(body, CONTEXT)).toEqual(EXPECTED);
  expect(decodeRequest({ contents: { parts: { text: 'hi' } } }, CONTEXT).turns).toEqual([{ role: 'user', text: 'hi' }]);
});

test('a schema without end is cut', () => {
  let schema: Readonly<Record<string, unknown>> = { type: 'STRING' };
  for (let depth = 0; depth < 5000; depth++) schema = { type: 'ARRAY', items: schema };
  const body = {
    contents: [{ parts: [{ text: 'x' }] }],
    tools: [{ functionDeclarations: [{ name: 'x', parameters: schema }] }],
  };
  expect(decodeRequest(body, CONTEXT).tools[0]?.inputSchema).toMatchObject({ type: 'array', items: { type: 'array' } });
});

describe('refuses', () => {
  const saying = (content: unknown): unknown => ({ contents: [content] });

  test.each([
    ['no object', 4, undefined],
    ['no contents', {}, 'contents'],
    ['no content', { contents: [] }, 'contents'],
    ['contents as text', { contents: 'hi' }, 'contents[0]'],
    ['a content without parts', saying({ role: 'user' }), 'contents[0].parts'],
    ['an unknown role', saying({ role: 'assistant', parts: [{ text: 'x' }] }), 'contents[0].role'],
    ['a part as text', saying({ parts: ['x'] }), 'contents[0].parts[0]'],
    ['text as a number', saying({ parts: [{ text: 4 }] }), 'contents[0].parts[0].text'],
    [
      'a system instruction as a number',
      { systemInstruction: 4, contents: [{ parts: [{ text: 'x' }] }] },
      'systemInstruction',
    ],
    ['a tool as text', { contents: [{ parts: [{ text: 'x' }] }], tools: ['x'] }, 'tools[0]'],
    [
      'a declaration without a name',
      { contents: [{ parts: [] }], tools: [{ functionDeclarations: [{}] }] },
      'tools[0].functionDeclarations[0].name',
    ],
  ])('%s', (_name, body, field) => {
    const decode = () => decodeRequest(body, CONTEXT);
    expect(decode).toThrow(InvalidRequestError);
    expect(decode).toThrow(expect.objectContaining(field === undefined ? {} : { field }));
  });

  test('a path without a model', () => {
    expect(() => decodeRequest({ contents: [] }, { isStream: false })).toThrow(
      expect.objectContaining({ field: 'model' }),
    );
  });
});
