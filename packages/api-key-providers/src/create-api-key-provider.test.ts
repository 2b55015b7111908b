import {
  type Operation,
  type ProviderRecord,
  parseCredentialId,
  parseProtocolId,
  parseProviderId,
  Secret,
} from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import presetData from '../../../presets/api-key/providers.json' with { type: 'json' };
import { createApiKeyProvider } from './create-api-key-provider.ts';
import { parsePresets } from './preset.ts';
import { presetRecords } from './preset-records.ts';

const presets = parsePresets(presetData);
const credential = { id: parseCredentialId('k'), label: 'k', secret: new Secret('sk-1') };

function record(id: string, type: string, apiHost: string): ProviderRecord {
  return {
    id: parseProviderId(id),
    name: id,
    type,
    apiHost,
    isSystem: false,
    groupName: 'custom',
    enabled: true,
    sortOrder: 1,
    createdAt: 0,
    updatedAt: 0,
  };
}

const withFields = (type: string, fields: Partial<ProviderRecord>): ProviderRecord => ({
  ...record('own', type, 'http://h'),
  ...fields,
});

function call(row: ProviderRecord, protocol: string, operation: Operation, model = 'm', isStream = false, query = '') {
  const preset = presets.find(({ id }) => id === row.id);
  const provider = createApiKeyProvider({
    record: row,
    ...(preset === undefined ? {} : { preset }),
    credentials: [credential],
  });
  if (provider.transport.type !== 'http') throw new Error('http expected');
  const input = { operation, protocol: parseProtocolId(protocol), model, isStream, query, credential };
  expect(provider.protocolsFor(operation, model)).toContain(protocol);
  const { origin, path, headers } = provider.transport.prepare(input);
  return `${origin}${path} ${headers.join(' ')}`;
}

describe('createApiKeyProvider', () => {
  test.each([
    ['openai', 'openai', 'chat', 'http://h/v1/chat/completions authorization Bearer sk-1'],
    ['openai', 'openai', 'embeddings', 'http://h/v1/embeddings authorization Bearer sk-1'],
    ['openai', 'openai', 'audio-transcribe', 'http://h/v1/audio/transcriptions authorization Bearer sk-1'],
    ['openai-response', 'responses', 'chat', 'http://h/v1/responses authorization Bearer sk-1'],
    ['openai-response', 'responses', 'count-tokens', 'http://h/v1/responses/input_tokens authorization Bearer sk-1'],
    ['openai-response', 'openai', 'chat', 'http://h/v1/chat/completions authorization Bearer sk-1'],
    ['anthropic', 'anthropic', 'chat', 'http://h/v1/messages x-api-key sk-1 anthropic-version 2023-06-01'],
    [
      'anthropic',
      'anthropic',
      'count-tokens',
      'http://h/v1/messages/count_tokens x-api-key sk-1 anthropic-version 2023-06-01',
    ],
    ['gemini', 'gemini', 'chat', 'http://h/v1beta/models/m:generateContent x-goog-api-key sk-1'],
    ['gemini', 'gemini', 'embeddings-batch', 'http://h/v1beta/models/m:batchEmbedContents x-goog-api-key sk-1'],
  ] as const)('%s in %s for %s calls %s', (type, protocol, operation, expected) => {
    expect(call(record('own', type, 'http://h'), protocol, operation)).toBe(expected);
  });

  test.each([
    ['openai', 'openai', { authHeader: 'x-key' }, 'http://h/v1/chat/completions x-key sk-1'],
    ['openai', 'openai', { authPrefix: 'Token ' }, 'http://h/v1/chat/completions authorization Token sk-1'],
    [
      'openai',
      'openai',
      { authHeader: 'authorization', authPrefix: '' },
      'http://h/v1/chat/completions authorization sk-1',
    ],
    [
      'openai',
      'openai',
      { authHeader: 'cookie', authPrefix: 'session=' },
      'http://h/v1/chat/completions cookie session=sk-1',
    ],
    ['openai', 'openai', { authHeader: 'none' }, 'http://h/v1/chat/completions '],
    [
      'anthropic',
      'anthropic',
      { authHeader: 'authorization', extraHeaders: { 'anthropic-version': '2024-01-01', 'x-a': 'b' } },
      'http://h/v1/messages authorization Bearer sk-1 anthropic-version 2024-01-01 x-a b',
    ],
    ['gemini', 'gemini', { authHeader: 'x-key' }, 'http://h/v1beta/models/m:generateContent x-key sk-1'],
    ['azure-openai', 'openai', { authHeader: 'x-key' }, 'http://h/openai/v1/chat/completions x-key sk-1'],
    ['ollama', 'openai', { authHeader: 'x-key' }, 'http://h/v1/chat/completions x-key sk-1'],
    ['new-api', 'gemini', { authHeader: 'x-key' }, 'http://h/v1beta/models/m:generateContent x-key sk-1'],
    ['gateway', 'anthropic', { authHeader: 'x-key' }, 'http://h/v1/messages x-key sk-1 anthropic-version 2023-06-01'],
    [
      'vertexai',
      'gemini',
      { authHeader: 'x-key' },
      'http://h/v1/publishers/google/models/m:generateContent x-key sk-1',
    ],
  ] as const)('%s in %s with %o of its own calls %s', (type, protocol, fields, expected) => {
    expect(call(withFields(type, fields), protocol, 'chat')).toBe(expected);
  });

  test('keeps the query and the stream method of Gemini', () => {
    const row = record('own', 'gemini', 'http://h');
    expect(call(row, 'gemini', 'chat', 'tunedModels/a b', true, '?alt=sse')).toBe(
      'http://h/v1beta/tunedModels/a%20b:streamGenerateContent?alt=sse x-goog-api-key sk-1',
    );
  });

  test('a preset with an Anthropic endpoint is called there by Anthropic clients', () => {
    const row = presetRecords(presets, 0).find(({ id }) => id === 'deepseek');
    if (row === undefined) throw new Error('no deepseek preset');
    expect(call(row, 'anthropic', 'chat')).toMatch(
      /^https:\/\/api\.deepseek\.com\/anthropic\/v1\/messages authorization Bearer sk-1/,
    );
    expect(call(row, 'openai', 'chat')).toMatch(/^https:\/\/api\.deepseek\.com\/.*chat\/completions authorization/);
  });

  test('a preset whose host was changed is called only there', () => {
    const provider = createApiKeyProvider({
      record: { ...record('deepseek', 'openai', 'http://mine'), isSystem: true },
      ...{ preset: presets.find(({ id }) => id === 'deepseek') },
      credentials: [credential],
    } as Parameters<typeof createApiKeyProvider>[0]);
    expect(provider.protocolsFor('chat', 'm')).toEqual(['openai']);
  });

  test.each([
    [record('own', 'unheard-of', 'http://h'), 'provider_type_unknown'],
    [record('own', 'openai', 'nonsense'), 'provider_host_invalid'],
    [record('own', 'openai', 'https://{resource}.example.com'), 'provider_host_invalid'],
    [record('own', 'openai', ''), 'provider_host_invalid'],
  ])('refuses %o', (row, code) => {
    expect(() => createApiKeyProvider({ record: row, credentials: [] })).toThrow(expect.objectContaining({ code }));
  });
});

test('every preset of a known type without fields to fill in can be called at its documented address', () => {
  for (const row of presetRecords(presets, 0)) {
    const preset = presets.find(({ id }) => id === row.id);
    if (
      preset === undefined ||
      preset.apiHost.includes('{') ||
      preset.apiHost === '' ||
      preset.type === 'anthropic' ||
      preset.type === 'gemini'
    )
      continue;
    const { chat, openai_compat_base: compatible } = preset.paths;
    if (chat === null || chat === undefined) continue;
    const expected =
      typeof compatible === 'string'
        ? `${compatible}/chat/completions`
        : chat.startsWith('http')
          ? chat
          : `${preset.apiHost}${chat}`;
    expect(call(row, 'openai', 'chat').split(' ')[0], row.id).toBe(expected);
  }
});

test('takes out of a request of Responses what a client tells its own vendor', () => {
  const provider = createApiKeyProvider({
    record: record('own', 'openai-response', 'http://h'),
    credentials: [credential],
  });
  if (provider.transport.type !== 'http') throw new Error('http expected');
  const { prepare } = provider.transport;
  const input = { operation: 'chat', model: 'm', isStream: true, query: '', credential } as const;
  for (const operation of ['chat', 'count-tokens', 'response-compact'] as const) {
    expect(prepare({ ...input, operation, protocol: parseProtocolId('responses') }).patch).toEqual({
      remove: ['client_metadata'],
    });
  }
  expect(prepare({ ...input, protocol: parseProtocolId('openai') }).patch).toBeUndefined();
});

test('gives turns of nobody to the user on Vertex AI, and leaves other services their bytes', () => {
  const patchOf = (type: string) => {
    const provider = createApiKeyProvider({ record: record('own', type, 'http://h'), credentials: [credential] });
    if (provider.transport.type !== 'http') throw new Error('http expected');
    const input = { operation: 'chat', model: 'gemini-3', isStream: true, query: '', credential } as const;
    return provider.transport.prepare({ ...input, protocol: parseProtocolId('gemini') }).patch;
  };
  expect(patchOf('vertexai')).toEqual({ fill: { list: 'contents', field: 'role', value: 'user' } });
  expect(patchOf('gemini')).toBeUndefined();
});
