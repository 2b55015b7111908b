import { createGate, reply } from '@proxycast/testkit';
import OpenAI, { APIError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, TARGETS, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';

const hello: OpenAI.ChatCompletionMessageParam = { role: 'user', content: 'Hello' };

describe.each(TARGETS)('openai, chat completions, against %s', (name) => {
  let target: Target;
  let client: OpenAI;
  let model: string;

  beforeAll(async () => {
    target = await createTarget(name);
    client = new OpenAI({ apiKey: target.key, baseURL: `${target.baseUrl}/v1`, maxRetries: 0 });
  });
  afterAll(() => target?.close());
  beforeEach(async () => {
    target.upstream.reset();
    ({ model } = await target.provide('openai'));
  });

  test('a completion comes back whole, with usage, request id and rate limits', async () => {
    target.upstream.respond(
      reply.message({ text: 'Grüße aus Köln 🎉', usage: { input: 30, cacheRead: 10, output: 7, reasoning: 2 } }),
    );
    const { data, response } = await client.chat.completions.create({ model, messages: [hello] }).withResponse();
    expect(data).toMatchObject({
      object: 'chat.completion',
      model,
      choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße aus Köln 🎉' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 30,
        completion_tokens: 7,
        total_tokens: 37,
        prompt_tokens_details: { cached_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    });
    expect(response.headers.get('x-request-id')).toBeTruthy();
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('59');
    expectNoViolations(target.upstream);
  });

  test('a stream comes chunk by chunk before it has ended, with the usage that was asked for', async () => {
    const gate = createGate();
    target.upstream.respond(reply.text(['Hel', 'lo', ' you'], { beforeChunk: gate }));
    gate.release(2);
    const stream = await client.chat.completions.create({
      model,
      messages: [hello],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk);
      if (chunks.length === 2) {
        expect(target.upstream.runningRequests).toBe(1);
        gate.open();
      }
    }
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello you');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 3 } });
    expectNoViolations(target.upstream);
  });

  test.each([true, false])('the SDK’s own tool runner calls two tools and ends, streaming: %j', async (stream) => {
    target.upstream.enqueue([
      reply.calls([
        { id: 'call_1', name: 'get_weather', input: { city: 'Köln' } },
        { id: 'call_2', name: 'get_weather', input: { city: 'Bonn' } },
      ]),
      reply.text('Sunny in both.'),
    ]);
    const asked: string[] = [];
    const tool = {
      type: 'function' as const,
      function: {
        name: 'get_weather',
        description: 'The weather of a city',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
        function: (input: string) => {
          asked.push(input);
          return '21 °C';
        },
      },
    };
    const runner = stream
      ? client.chat.completions.runTools({ model, messages: [hello], tools: [tool], stream: true })
      : client.chat.completions.runTools({ model, messages: [hello], tools: [tool] });
    expect(await runner.finalContent()).toBe('Sunny in both.');
    expect(asked).toEqual(['{"city":"Köln"}', '{"city":"Bonn"}']);
    expect(target.upstream.requests).toHaveLength(2);
    expectNoViolations(target.upstream);
  });

  test.each(['gzip', 'br', 'zstd'] as const)(
    'an upstream that packs with %s where it may is read all the same',
    async (compress) => {
      target.upstream.respond(reply.text('Unpacked words.', { compress }));
      const whole = await client.chat.completions.create({ model, messages: [hello] });
      expect(whole.choices[0]?.message.content).toBe('Unpacked words.');
      const stream = client.chat.completions.stream({ model, messages: [hello] });
      expect(await stream.finalContent()).toBe('Unpacked words.');
      expectNoViolations(target.upstream);
    },
  );

  test('models are listed in this dialect’s shape', async () => {
    const ids: string[] = [];
    for await (const listed of client.models.list()) {
      expect(listed).toMatchObject({ object: 'model', owned_by: expect.any(String), created: expect.any(Number) });
      ids.push(listed.id);
    }
    expect(ids).toContain(model);
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: 'model' });
  });

  test('a wrong key is an authentication error', async () => {
    const stranger = new OpenAI({ apiKey: 'sk-wrong', baseURL: `${target.baseUrl}/v1`, maxRetries: 0 });
    const error = await failureOf(stranger.chat.completions.create({ model, messages: [hello] }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' });
  });

  test('an unknown model is not found', async () => {
    target.upstream.respond(reply.error({ status: 404, message: 'The model nobody-has-this does not exist' }));
    const error = await failureOf(client.chat.completions.create({ model: 'nobody-has-this', messages: [hello] }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ code: 'model_not_found', type: 'invalid_request_error' });
    expect(error.message).toContain('nobody-has-this');
  });

  test('a rate limit is passed on with its hints', async () => {
    target.upstream.respond(reply.rateLimited(7));
    const error = await failureOf(client.chat.completions.create({ model, messages: [hello] }));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.headers?.get('retry-after')).toBe('7');
    expect(error).toMatchObject({ code: 'rate_limit_exceeded' });
  });

  test('a refusal of the request comes in the upstream’s own words', async () => {
    const error = await failureOf(
      client.chat.completions.create({ model, messages: [hello, { role: 'tool', tool_call_id: 'x', content: 'y' }] }),
    );
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error.message).toContain("messages with role 'tool' must be a response to a preceeding message");
    expect(error.type).toBe('invalid_request_error');
  });

  test('an error in the middle of a stream is an error for the client', async () => {
    target.upstream.respond(
      reply.text('one two three four', { failAfterBytes: 500, failure: { status: 503, message: 'Gone away' } }),
    );
    await expect(readStream(client, model)).rejects.toThrow('Gone away');
  });

  test('a cut in the middle of a stream is an error, never a clean stop', async () => {
    target.upstream.respond(reply.text('one two three four', { cutAfterBytes: 500 }));
    await expect(readStream(client, model)).rejects.toThrow();
  });

  test('a client that leaves aborts the upstream call', async () => {
    const gate = createGate();
    target.upstream.respond(reply.text('one two three four', { beforeChunk: gate }));
    gate.release(3);
    const stream = await client.chat.completions.create({ model, messages: [hello], stream: true });
    for await (const _chunk of stream) break;
    const request = await target.upstream.waitForRequest(1);
    expect(await request.ended).toEqual({ type: 'aborted-by-peer' });
  });
});

async function readStream(client: OpenAI, model: string): Promise<void> {
  const stream = await client.chat.completions.create({ model, messages: [hello], stream: true });
  for await (const _chunk of stream);
}

/** The SDK's error. Fails when there is none, or another. */
async function failureOf(promise: PromiseLike<unknown>): Promise<APIError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof APIError) return error;
    throw error;
  }
  throw new Error('Expected a failure.');
}
