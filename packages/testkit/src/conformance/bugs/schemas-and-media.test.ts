import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { objectsOf } from '../../json.ts';
import { ask, at } from './bug-steps.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const question = { role: 'user', content: 'Begin.' };

/** The parameters as the strict Gemini took them: it refuses what it does not know. */
function parametersFor(schema: JsonObject): unknown {
  const { body } = ask('openai', 'gemini', {
    model: 'm',
    messages: [question],
    tools: [{ type: 'function', function: { name: 'read', parameters: schema } }],
  });
  const declaration = at(body, 'tools', 0, 'functionDeclarations', 0);
  return at(declaration, 'parameters') ?? at(declaration, 'parametersJsonSchema');
}

describe('schemas', () => {
  test('bug 62 (CLIProxyAPI#97, qwen-code#1186): $schema never goes to Gemini, a property of that name does', () => {
    const sent = parametersFor({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { title: { type: 'string' }, const: { type: 'string' } },
    });
    expect(at(sent, '$schema')).toBeUndefined();
    expect(Object.keys(Object(at(sent, 'properties')))).toEqual(['title', 'const']);
  });

  test('bug 63 (zed#44875, claude-code-router#333): const is a choice of one', () => {
    const sent = parametersFor({ type: 'object', properties: { kind: { const: 'file' } } });
    expect(at(sent, 'properties', 'kind')).toMatchObject({ enum: ['file'] });
  });

  test('bug 64 (claude-code-router#611): open bounds become closed ones', () => {
    const sent = parametersFor({
      type: 'object',
      properties: { count: { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 } },
    });
    expect(at(sent, 'properties', 'count')).toMatchObject({ minimum: 1, maximum: 9 });
  });

  test('bug 65 (gcli2api#374): references are resolved, with what stands beside them', () => {
    const sent = parametersFor({
      type: 'object',
      properties: { where: { $ref: '#/$defs/Place', description: 'Where.' }, tree: { $ref: '#/$defs/Tree' } },
      $defs: {
        Place: { type: 'object', properties: { city: { type: 'string' } } },
        Tree: { type: 'object', properties: { children: { type: 'array', items: { $ref: '#/$defs/Tree' } } } },
      },
    });
    expect(at(sent, 'properties', 'where', 'properties', 'city')).toMatchObject({
      type: expect.stringMatching(/string/i),
    });
    expect(at(sent, 'properties', 'where', 'description')).toContain('Where.');
  });

  test('bug 66 (new-api#651): a schema of the answer is cleaned like one of a tool', () => {
    const { body } = ask('openai', 'gemini', {
      model: 'm',
      messages: [question],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'answer',
          strict: true,
          schema: {
            $schema: 'x',
            type: 'object',
            additionalProperties: false,
            properties: { kind: { const: 'a' } },
            required: ['kind'],
          },
        },
      },
    });
    expect(body.generationConfig).toMatchObject({ responseMimeType: 'application/json' });
  });
});

describe('media', () => {
  const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
  const history = {
    model: 'm',
    max_tokens: 100,
    messages: [
      question,
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'shot', input: {} },
          { type: 'tool_use', id: 'b', name: 'shot', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'Taken.' }, picture] },
          { type: 'tool_result', tool_use_id: 'b', content: 'None.' },
        ],
      },
    ],
  };

  test.each(['openai', 'responses', 'gemini', 'anthropic'] as const)(
    'bug 67 (CLIProxyAPI#1670, #5707): a picture in a result reaches %s',
    (to) => {
      const text = JSON.stringify(ask('anthropic', to, history).body);
      expect(text).toContain(PNG);
      expect(text).toContain('Taken.');
    },
  );

  test('bug 68 (CLIProxyAPI#4737): a tool message holds text alone, the picture follows behind all of them', () => {
    const messages = objectsOf(ask('anthropic', 'openai', history).body.messages);
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
    expect(messages.filter(({ role }) => role === 'tool').every(({ content }) => typeof content === 'string')).toBe(
      true,
    );
  });

  test('bug 69 (higress#4055): a picture is a part with nothing of a text in it', () => {
    const { body } = ask('anthropic', 'openai', {
      model: 'm',
      max_tokens: 9,
      messages: [{ role: 'user', content: [picture, { type: 'text', text: 'See.' }] }],
    });
    const [first] = objectsOf(at(body, 'messages', 0, 'content'));
    expect(Object.keys(first ?? {}).sort()).toEqual(['image_url', 'type']);
  });

  test('bug 70 (bifrost#4402): a picture in the storage of Google is given to Gemini as it is', () => {
    const { body } = ask('openai', 'gemini', {
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'gs://bucket/picture.png' } }] }],
    });
    expect(JSON.stringify(body)).toContain('"fileUri":"gs://bucket/picture.png"');
  });
});

test.each(['anthropic', 'gemini', 'openai', 'responses'] as const)(
  'bug 71 (CLIProxyAPI#2952): what the developer says reaches %s, wherever it stands',
  (to) => {
    const { body } = ask('responses', to, {
      model: 'm',
      instructions: 'First rule.',
      input: [
        { role: 'developer', content: 'Second rule.' },
        { role: 'user', content: 'Begin.' },
        { role: 'developer', content: [{ type: 'input_text', text: 'Third rule.' }] },
        { role: 'user', content: 'Go on.' },
      ],
    });
    const text = JSON.stringify(body);
    for (const rule of ['First rule.', 'Second rule.', 'Third rule.']) expect(text).toContain(rule);
    // Said in the middle: it stays there.
    expect(text.indexOf('Third rule.')).toBeGreaterThan(
      text.indexOf('Begin.') < 0 ? -1 : to === 'gemini' || to === 'anthropic' ? text.indexOf('Begin.') : 0,
    );
  },
);
