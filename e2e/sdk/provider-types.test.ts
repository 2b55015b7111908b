import { type Answer, type FakeDialectId, type RunningServer, reply, startServer } from '@proxycast/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  addHost,
  PROVIDER_HOST_NAMES,
  PROVIDER_HOSTS,
  type ProviderHost,
  type ProviderHostName,
} from '../support/provider-hosts.ts';
import { createSdkConversation } from '../support/sdk-conversation.ts';

type Client = FakeDialectId;

const CLIENTS: readonly Client[] = ['openai', 'responses', 'anthropic', 'gemini'];

/** Where a host must be asked: a change of path is a change of what is asked there. */
const PATHS: Readonly<Record<ProviderHostName, (client: Client, isStream: boolean, model: string) => string>> = {
  openai: () => '/v1/chat/completions',
  'openai-response': (client) => (client === 'openai' ? '/v1/chat/completions' : '/v1/responses'),
  anthropic: () => '/v1/messages',
  gemini: (_client, isStream, model) => `/v1beta/models/${model}:${geminiMethod(isStream)}`,
  'azure-openai, deployments': (_client, _isStream, model) =>
    `/openai/deployments/${model}/chat/completions?api-version=2024-10-21`,
  'azure-openai, deployments with Responses': (client, _isStream, model) =>
    `/openai/${client === 'responses' ? 'responses' : `deployments/${model}/chat/completions`}?api-version=2025-04-01-preview`,
  'azure-openai, v1': (client) => `/openai/v1/${client === 'responses' ? 'responses' : 'chat/completions'}`,
  'azure-openai, Claude': () => '/anthropic/v1/messages',
  'vertexai, Gemini by service account': (_client, isStream, model) =>
    `/v1/projects/plover-project/locations/europe-west4/publishers/google/models/${model}:${geminiMethod(isStream)}`,
  'vertexai, Claude by service account': (_client, isStream, model) =>
    `/v1/projects/plover-project/locations/europe-west4/publishers/anthropic/models/${model}:${isStream ? 'streamRawPredict' : 'rawPredict'}`,
  'vertexai, Gemini by express key': (_client, isStream, model) =>
    `/v1/publishers/google/models/${model}:${geminiMethod(isStream)}`,
  'aws-bedrock, signed': converse,
  'aws-bedrock, bearer': converse,
  ollama: (client) => (client === 'anthropic' ? '/v1/messages' : '/v1/chat/completions'),
  'new-api': (client, isStream, model) => sharedHostPath(client, isStream, model),
  gateway: (client, isStream, model) => sharedHostPath(client === 'gemini' ? 'openai' : client, isStream, model),
};

function geminiMethod(isStream: boolean): string {
  return isStream ? 'streamGenerateContent?alt=sse' : 'generateContent';
}

function converse(_client: Client, isStream: boolean, model: string): string {
  return `/model/${encodeURIComponent(model)}/${isStream ? 'converse-stream' : 'converse'}`;
}

function sharedHostPath(client: Client, isStream: boolean, model: string): string {
  switch (client) {
    case 'openai':
      return '/v1/chat/completions';
    case 'responses':
      return '/v1/responses';
    case 'anthropic':
      return '/v1/messages';
    case 'gemini':
      return `/v1beta/models/${model}:${geminiMethod(isStream)}`;
  }
}

const USAGE = { input: 120, cacheRead: 20, output: 30, reasoning: 8 };
const CALLS = [
  { name: 'get_weather', input: { city: 'Köln' } },
  { name: 'get_weather', input: { city: 'Bonn', days: [1, 2, { deep: '"quoted"' }] } },
];
/** One answer of the model after the other: plain, then calls, then the end of it. */
const ANSWERS: readonly Answer[] = [
  reply.message({ text: 'Grüße, 漢字 und 🌦️.', usage: USAGE }),
  reply.message({ thinking: 'Two cities,\nso two calls.', text: 'I look it up.', calls: CALLS, usage: USAGE }),
  reply.message({ thinking: 'Both are dry.', text: 'It stays dry in both.', usage: USAGE }),
];

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

describe.each(PROVIDER_HOST_NAMES)('before %s', (name) => {
  const slug = `fake-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  const pathOf = PATHS[name];
  let host: ProviderHost;

  beforeAll(async () => {
    host = await PROVIDER_HOSTS[name]({ name: slug, forbidden: [server.clientKey, server.adminToken] });
    await addHost(server, slug, host);
  });
  afterAll(() => host?.[Symbol.asyncDispose]());
  beforeEach(() => host.reset());
  afterEach(() => expect(host.violations()).toEqual([]));

  describe.each(CLIENTS)('the SDK of %s', (client) => {
    test.each([false, true])('is answered, thinks, calls two tools and ends well, streaming: %j', async (isStream) => {
      host.respond(() => ANSWERS[host.requests().length - 1] ?? reply.text('One request too many.'));
      const conversation = createSdkConversation(client, {
        baseUrl: server.baseUrl,
        key: server.clientKey,
        model: host.model,
        isStream,
      });

      const plain = await conversation.say('Say hello.');
      expect(plain.choices).toMatchObject([{ text: 'Grüße, 漢字 und 🌦️.', stop: 'end', calls: [] }]);
      expect(plain.usage).toMatchObject({ input: 120, cacheRead: 20, output: 30 });

      const asked = await conversation.say('What is the weather in Köln and Bonn?');
      expect(asked.choices).toMatchObject([{ text: 'I look it up.', stop: 'tool-use', calls: CALLS }]);
      expect(asked.choices[0]?.thinking.join('')).toBe('Two cities,\nso two calls.');

      const last = await conversation.say(['dry', 'dry too']);
      expect(last.choices).toMatchObject([{ text: 'It stays dry in both.', stop: 'end', calls: [] }]);
      expect(last.choices[0]?.thinking.join('')).toBe('Both are dry.');

      expect(host.requests().map(({ path }) => path)).toEqual(Array(3).fill(pathOf(client, isStream, host.model)));
      const sent = JSON.stringify(host.requests().at(-1)?.json);
      // A client of Gemini keeps the pieces of a stream as parts of their own.
      for (const said of ['Be brief.', 'Say hello.', '漢字', 'What is the weather', 'dry too', 'Köln', 'get_weather']) {
        expect(sent).toContain(said);
      }
    });

    test('is told of a limit by its status, and of a stream that breaks by an error', async () => {
      const begin = (isStream: boolean) =>
        createSdkConversation(client, { baseUrl: server.baseUrl, key: server.clientKey, model: host.model, isStream });
      host.respond(() => reply.error({ status: 429, message: 'Slow down, please.' }));
      await expect(begin(false).say('Go on.')).rejects.toMatchObject({ status: 429 });
      const text = Array.from({ length: 200 }, (_, index) => `word ${index}`);
      host.respond(() => reply.message({ text }, { cutAfterBytes: 3_000 }));
      await expect(begin(true).say('Go on.')).rejects.toThrow();
    });
  });
});
