import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai';
import { createGate, reply } from '@proxycast/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, TARGETS, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';

const weather = {
  functionDeclarations: [
    {
      name: 'get_weather',
      description: 'The weather of a city',
      parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
    },
  ],
};

/** The SDK asks for `v1` by itself; earlier ones, and most other clients, for `v1beta`. */
const SUITES = TARGETS.flatMap((name) => ['v1', 'v1beta'].map((apiVersion) => ({ name, apiVersion })));

describe.each(SUITES)('@google/genai in $apiVersion against $name', ({ name, apiVersion }) => {
  let target: Target;
  let client: GoogleGenAI;
  let model: string;

  beforeAll(async () => {
    target = await createTarget(name);
    client = clientWith(target.key);
  });
  afterAll(() => target?.close());
  beforeEach(async () => {
    target.upstream.reset();
    ({ model } = await target.provide('gemini'));
  });

  function clientWith(apiKey: string): GoogleGenAI {
    return new GoogleGenAI({
      apiKey,
      httpOptions: { baseUrl: target.baseUrl, apiVersion, retryOptions: { attempts: 1 } },
    });
  }

  test('content comes back whole, with usage', async () => {
    target.upstream.respond(
      reply.message({ text: 'Grüße 🎉', usage: { input: 30, cacheRead: 10, output: 7, reasoning: 2 } }),
    );
    const response = await client.models.generateContent({
      model,
      contents: 'Hello',
      config: { temperature: 0.5, systemInstruction: 'Be brief.' },
    });
    expect(response.text).toBe('Grüße 🎉');
    expect(response.candidates?.[0]?.finishReason).toBe('STOP');
    expect(response.usageMetadata).toMatchObject({
      promptTokenCount: 30,
      cachedContentTokenCount: 10,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 2,
      totalTokenCount: 37,
    });
    expect(response.modelVersion).toBe(model);
    expectNoViolations(target.upstream);
  });

  test('a stream comes chunk by chunk before it has ended', async () => {
    const gate = createGate();
    target.upstream.respond(reply.text(['Hel', 'lo', ' you'], { beforeChunk: gate }));
    gate.release(1);
    const stream = await client.models.generateContentStream({ model, contents: 'Hello' });
    const texts: string[] = [];
    let finishReason: string | undefined;
    for await (const chunk of stream) {
      texts.push(chunk.text ?? '');
      finishReason = chunk.candidates?.[0]?.finishReason;
      if (texts.length === 1) {
        expect(target.upstream.runningRequests).toBe(1);
        gate.open();
      }
    }
    expect(texts.join('')).toBe('Hello you');
    expect(finishReason).toBe('STOP');
    expectNoViolations(target.upstream);
  });

  test.each([true, false])(
    'two parallel functions are called and their results go back, streaming: %j',
    async (isStream) => {
      target.upstream.enqueue([
        reply.message({
          thinking: 'Ask.',
          calls: [
            { name: 'get_weather', input: { city: 'Köln' } },
            { name: 'get_weather', input: { city: 'Bonn' } },
          ],
        }),
        reply.text('Sunny in both.'),
      ]);
      const config = {
        tools: [weather],
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
      };
      const chat = client.chats.create({ model, config });
      const send = async (message: Parameters<typeof chat.sendMessage>[0]['message']) => {
        if (!isStream) {
          const response = await chat.sendMessage({ message });
          return { text: response.text ?? '', calls: response.functionCalls ?? [] };
        }
        let text = '';
        let calls: NonNullable<Awaited<ReturnType<typeof chat.sendMessage>>['functionCalls']> = [];
        for await (const chunk of await chat.sendMessageStream({ message })) {
          text += chunk.text ?? '';
          calls = [...calls, ...(chunk.functionCalls ?? [])];
        }
        return { text, calls };
      };
      const first = await send('Weather in Köln and Bonn?');
      expect(first.calls.map(({ name: called, args }) => [called, args])).toEqual([
        ['get_weather', { city: 'Köln' }],
        ['get_weather', { city: 'Bonn' }],
      ]);
      const second = await send(
        first.calls.map((call) => ({ functionResponse: { name: call.name ?? '', response: { result: '21 °C' } } })),
      );
      expect(second.text).toBe('Sunny in both.');
      // The signature came back on the very part it was given with.
      const sent = target.upstream.requests[1]?.body.toString() ?? '';
      expect(sent).toContain(Buffer.from('gemini signature 0').toString('base64').slice(0, 20));
      expectNoViolations(target.upstream);
    },
  );

  test('tokens are counted by the upstream', async () => {
    const counted = await client.models.countTokens({ model, contents: 'Hello' });
    expect(counted.totalTokens).toBe(Math.ceil((target.upstream.requests[0]?.body.length ?? 0) / 4));
    expectNoViolations(target.upstream);
  });

  test('a text is embedded', async () => {
    const embedded = await client.models.embedContent({ model, contents: 'Hello' });
    expect(embedded.embeddings?.[0]?.values?.slice(0, 3)).toEqual([0.25, -0.5, 0.125]);
    expectNoViolations(target.upstream);
  });

  test('models are listed in this dialect’s shape', async () => {
    const names: (string | undefined)[] = [];
    for await (const listed of await client.models.list({ config: { pageSize: 1000 } })) names.push(listed.name);
    expect(names).toContain(`models/${model}`);
    expect(await client.models.get({ model })).toMatchObject({ name: `models/${model}` });
  });

  test('a wrong key is this dialect’s refusal of a key', async () => {
    const error = await failureOf(clientWith('wrong').models.generateContent({ model, contents: 'x' }));
    expect([400, 401]).toContain(error.status);
    expect(error.message).toMatch(/API_KEY_INVALID|UNAUTHENTICATED/);
  });

  test('an unknown model is not found', async () => {
    target.upstream.respond(reply.error({ status: 404, message: 'models/nobody-has-this is not found' }));
    const error = await failureOf(client.models.generateContent({ model: 'nobody-has-this', contents: 'x' }));
    expect(error.status).toBe(404);
    expect(error.message).toContain('NOT_FOUND');
    expect(error.message).toContain('nobody-has-this');
  });

  test('a rate limit is passed on with its RetryInfo', async () => {
    target.upstream.respond(reply.rateLimited(7));
    const error = await failureOf(client.models.generateContent({ model, contents: 'x' }));
    expect(error.status).toBe(429);
    expect(error.message).toContain('RESOURCE_EXHAUSTED');
    expect(error.message).toContain('"retryDelay":"7s"');
  });

  test('a refusal of the request comes in the upstream’s own words', async () => {
    const error = await failureOf(
      client.models.generateContent({ model, contents: [{ role: 'model', parts: [{ text: 'I begin' }] }] }),
    );
    expect(error.status).toBe(400);
    expect(error.message).toContain('multiturn requests start with a user turn');
  });

  test('an error in the middle of a stream is an error for the client', async () => {
    target.upstream.respond(
      reply.text('one two three four', { failAfterBytes: 300, failure: { status: 503, message: 'Gone away' } }),
    );
    await expect(readStream(client, model)).rejects.toThrow('Gone away');
  });

  test('a cut in the middle of a stream is an error, never a clean stop', async () => {
    target.upstream.respond(reply.text('one two three four', { cutAfterBytes: 300 }));
    await expect(readStream(client, model)).rejects.toThrow();
  });

  test('a client that leaves aborts the upstream call', async () => {
    const gate = createGate();
    target.upstream.respond(reply.text('one two three four', { beforeChunk: gate }));
    gate.release(2);
    const abort = new AbortController();
    const stream = await client.models.generateContentStream({
      model,
      contents: 'x',
      config: { abortSignal: abort.signal },
    });
    const reading = (async () => {
      for await (const _chunk of stream) abort.abort();
    })();
    await expect(reading).rejects.toThrow();
    const request = await target.upstream.waitForRequest(1);
    expect(await request.ended).toEqual({ type: 'aborted-by-peer' });
  });
});

async function readStream(client: GoogleGenAI, model: string): Promise<void> {
  for await (const _chunk of await client.models.generateContentStream({ model, contents: 'x' }));
}

/** The SDK's error. Fails when there is none, or another. */
async function failureOf(promise: PromiseLike<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('Expected a failure.');
}
