import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { isObject, parseJson } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { PLAIN_QUIRKS } from './chat-variant.ts';
import { createOpenaiChat } from './create-openai-chat.ts';
import { openaiChat } from './openai-chat.ts';
import { parseChatVariant } from './parse-chat-variant.ts';

const PRESETS = resolve(import.meta.dirname, '../../../../presets');
const files = globSync('protocols/*.json', { cwd: PRESETS }).sort();
const variants = files.map((file) => parseChatVariant(parseJson(readFileSync(resolve(PRESETS, file), 'utf8'))));
const providers = parseJson(readFileSync(resolve(PRESETS, 'api-key/providers.json'), 'utf8'));
const providerIds = new Set((Array.isArray(providers) ? providers : []).filter(isObject).map(({ id }) => id));

describe('presets/protocols', () => {
  test('holds variants, each under its own id, for providers there are, each of which has one', () => {
    expect(variants.length).toBeGreaterThan(25);
    expect(variants.map(({ id }) => id)).toEqual(files.map((file) => basename(file, '.json')));
    const vendors = variants.flatMap((variant) => variant.vendors);
    expect(vendors.filter((vendor) => !providerIds.has(vendor))).toEqual([]);
    expect(vendors).toHaveLength(new Set(vendors).size);
  });

  test.each(variants)('$id is a protocol of the base', (variant) => {
    const protocol = createOpenaiChat(variant);
    expect(protocol).toMatchObject({ id: variant.id, base: 'openai', endpoints: [] });
    expect(protocol.codec).toBeDefined();
    expect(protocol.rewritesRequests ?? false).toBe((protocol.rewrittenWords ?? []).length > 0);
  });
});

test('what a file leaves out is as OpenAI has it', () => {
  expect(parseChatVariant({ id: 'mine', base: 'openai' })).toEqual({
    id: 'mine',
    base: 'openai',
    vendors: [],
    quirks: PLAIN_QUIRKS,
  });
});

test('OpenAI’s own dialect lets every request pass as it is', () => {
  expect(openaiChat.rewritesRequests).toBeUndefined();
});

test('a service known not to show its reasoning is not sent what another has shown', () => {
  const protocol = createOpenaiChat({ id: 'mine', base: 'openai', vendors: [], quirks: PLAIN_QUIRKS });
  expect(protocol.rewrittenWords).toEqual(['"reasoning_content"', '"reasoning_details"']);
  const { codec } = protocol;
  if (codec === undefined) throw new Error('It has a codec.');
  const messages = [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'Hello.', reasoning_content: 'A greeting.' },
    { role: 'user', content: 'go on' },
  ];
  const request = openaiChat.codec?.decodeRequest({ model: 'm', messages }, { isStream: false });
  if (request === undefined) throw new Error('It can be decoded.');
  const { body } = codec.encodeRequest(request, {
    model: 'm',
    origin: 'openai:mine',
    isStream: false,
    report: () => {},
  });
  expect(body).toMatchObject({ messages: [{}, { role: 'assistant', content: 'Hello.' }, {}] });
  expect(JSON.stringify(body)).not.toContain('A greeting.');
});

describe('what a request must hold to be rewritten', () => {
  test.each([
    [{ developer_role: false }, '"developer"'],
    [{ output_bound: 'max_tokens' }, '"max_completion_tokens"'],
    [{ output_bound: 'max_completion_tokens' }, '"max_tokens"'],
    [{ stream_options: false }, '"stream_options"'],
    [{ required_word: 'any' }, '"required"'],
    [{ call_ids: 'nine-alphanumerics' }, '"tool_call_id"'],
    [{ unsupported: ['seed'] }, '"seed"'],
    [{ reasoning_history: { send: 'tool-turns', unknown: 'empty' } }, '"tool_calls"'],
  ])('%j', (quirks, word) => {
    const protocol = createOpenaiChat(parseChatVariant({ id: 'mine', base: 'openai', quirks }));
    expect(protocol.rewritesRequests).toBe(true);
    expect(protocol.rewrittenWords).toContain(word);
  });
});

test('all faults are told at once, each with its path', () => {
  const data = {
    id: 'Not An Id',
    base: 'other',
    vendors: 'x',
    extra: 1,
    quirks: {
      inline_thinking: 'yes',
      output_bound: 'tokens',
      unsupported: ['seed', 'sneed'],
      max_temperature: -1,
      developer_rôle: true,
      reasoning_request: { style: 'loud', efforts: ['low', 'loud'], models: [1], more: 1 },
      reasoning_history: { form: 'odd' },
      tool_choices: 'auto',
    },
  };
  let message = '';
  try {
    parseChatVariant(data);
  } catch (fault) {
    expect(fault).toBeInstanceOf(TypeError);
    message = String(fault);
  }
  const paths = message
    .split('\n')
    .slice(1)
    .map((line) => line.slice(0, line.indexOf(':')));
  expect(paths.sort()).toEqual(
    [
      'id',
      'base',
      'vendors',
      'extra',
      'quirks.inline_thinking',
      'quirks.output_bound',
      'quirks.unsupported[1]',
      'quirks.max_temperature',
      'quirks.developer_rôle',
      'quirks.reasoning_request.style',
      'quirks.reasoning_request.efforts[1]',
      'quirks.reasoning_request.models',
      'quirks.reasoning_request.more',
      'quirks.reasoning_history.send',
      'quirks.reasoning_history.form',
      'quirks.tool_choices',
    ].sort(),
  );
});

test.each([null, 'x', [], 7, { id: 'openai', base: 'openai' }])('%j is no variant', (data) => {
  expect(() => parseChatVariant(data)).toThrow(TypeError);
});
