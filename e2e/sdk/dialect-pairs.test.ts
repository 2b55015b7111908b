import { type Answer, type FakeDialectId, reply } from '@proxycast/testkit';
import { CONFORMANCE_DIALECTS } from '@proxycast/testkit/conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, type ProviderType, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';
import { createSdkConversation, type SdkConversation } from '../support/sdk-conversation.ts';

const PROVIDER_TYPES: Readonly<Record<FakeDialectId, ProviderType>> = {
  anthropic: 'anthropic',
  openai: 'openai',
  responses: 'openai-response',
  gemini: 'gemini',
};
const PAIRS = CONFORMANCE_DIALECTS.flatMap((client) =>
  CONFORMANCE_DIALECTS.map((upstream) => ({ client: client.id, upstream: upstream.id })),
);
const USAGE = { input: 120, cacheRead: 20, output: 30, reasoning: 8 };
const FIRST: Answer = reply.message({
  thinking: 'Two cities,\nso two calls.',
  text: 'I look 🌦️ it up.',
  calls: [
    { name: 'get_weather', input: { city: 'Köln' } },
    { name: 'get_weather', input: { city: 'Bonn', days: [1, 2, { deep: '"quoted"' }] } },
  ],
  usage: USAGE,
});

describe.each(PAIRS)('the SDK of $client before an upstream that speaks $upstream', ({ client, upstream }) => {
  let target: Target;
  let model: string;

  beforeAll(async () => {
    target = await createTarget('proxycast', { checksSignatures: true });
  });
  afterAll(() => target?.close());
  beforeEach(async () => {
    target.upstream.reset();
    ({ model } = await target.provide(PROVIDER_TYPES[upstream]));
  });

  const begin = (isStream: boolean): SdkConversation =>
    createSdkConversation(client, { baseUrl: target.baseUrl, key: target.key, model, isStream });

  test.each([true, false])(
    'thinks, calls two tools, gets their results and ends well, streaming: %j',
    async (isStream) => {
      target.upstream.enqueue([
        FIRST,
        reply.message({ thinking: 'Both are dry.', text: 'It stays dry in both.', usage: USAGE }),
      ]);
      const conversation = begin(isStream);

      const first = await conversation.say('What is the weather in Köln and Bonn?');
      expect(first.choices).toMatchObject([
        {
          text: 'I look 🌦️ it up.',
          stop: 'tool-use',
          calls: [
            { name: 'get_weather', input: { city: 'Köln' } },
            { name: 'get_weather', input: { city: 'Bonn', days: [1, 2, { deep: '"quoted"' }] } },
          ],
        },
      ]);
      expect(first.choices[0]?.thinking.join('')).toBe('Two cities,\nso two calls.');
      expect(first.usage).toMatchObject({ input: 120, cacheRead: 20, output: 30 });

      const second = await conversation.say(['dry', 'dry too']);
      expect(second.choices).toMatchObject([{ text: 'It stays dry in both.', stop: 'end', calls: [] }]);
      expectNoViolations(target.upstream);
      expect(target.upstream.requests).toHaveLength(2);
      const sent = JSON.stringify(target.upstream.requests[1]?.json);
      // A client of Gemini keeps the pieces of a stream as parts of their own.
      for (const said of ['Be brief.', 'What is the weather', '🌦️', 'dry too', 'Köln']) expect(sent).toContain(said);
    },
  );

  test.each([true, false])('is told of a cut answer by its stop reason, streaming: %j', async (isStream) => {
    target.upstream.respond(reply.message({ text: 'As far as', stop: 'length', usage: USAGE }));
    // Some SDKs throw for a stream that ran into its bound; the reason is theirs then.
    const said = await begin(isStream)
      .say('Go on.')
      .catch((fault: unknown) => String(fault));
    if (typeof said === 'string') expect(said).toMatch(/length limit/i);
    else expect(said.choices).toMatchObject([{ text: 'As far as', stop: 'length' }]);
    expectNoViolations(target.upstream);
  });

  test.each([true, false])('an error before the first byte has its status, streaming: %j', async (isStream) => {
    target.upstream.respond(reply.error({ status: 429, message: 'Slow down, please.', retryAfterSeconds: 2 }));
    await expect(begin(isStream).say('Go on.')).rejects.toMatchObject({
      status: 429,
      message: expect.stringContaining('Slow down'),
    });
  });

  test('an error after the first byte is thrown out of the stream', async () => {
    target.upstream.respond(
      reply.message(
        { text: 'one two three four five six seven eight' },
        { failAfterBytes: 1500, failure: { status: 500, message: 'It broke.' } },
      ),
    );
    await expect(begin(true).say('Go on.')).rejects.toThrow();
  });

  test('a connection that breaks in the middle is thrown out of the stream', async () => {
    target.upstream.respond(
      reply.message({ text: 'one two three four five six seven eight' }, { cutAfterBytes: 1500 }),
    );
    await expect(begin(true).say('Go on.')).rejects.toThrow();
  });
});
