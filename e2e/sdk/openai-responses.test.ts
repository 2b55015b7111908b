import { createGate, reply } from '@proxycast/testkit';
import OpenAI, { APIError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, TARGETS, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';

const weather: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: true,
};

describe.each(TARGETS)('openai, responses, against %s', (name) => {
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
    ({ model } = await target.provide('openai-response'));
  });

  test('a response comes back whole, with usage', async () => {
    target.upstream.respond(
      reply.message({
        thinking: 'Hm.',
        text: 'Grüße 🎉',
        usage: { input: 30, cacheRead: 10, output: 7, reasoning: 2 },
      }),
    );
    const response = await client.responses.create({ model, input: 'Hello' });
    expect(response.output_text).toBe('Grüße 🎉');
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(response).toMatchObject({
      status: 'completed',
      model,
      usage: {
        input_tokens: 30,
        input_tokens_details: { cached_tokens: 10 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 2 },
      },
    });
    expectNoViolations(target.upstream);
  });

  test('a stream comes event by event before it has ended, every number in its place', async () => {
    const gate = createGate();
    target.upstream.respond(reply.text(['Hel', 'lo', ' you'], { beforeChunk: gate }));
    gate.release(2);
    const stream = await client.responses.create({ model, input: 'Hello', stream: true });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) {
      events.push(event);
      if (events.length === 2) {
        expect(target.upstream.runningRequests).toBe(1);
        gate.open();
      }
    }
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
    expect(events[0]?.type).toBe('response.created');
    const deltas = events.filter((event) => event.type === 'response.output_text.delta');
    expect(deltas.map(({ delta }) => delta)).toEqual(['Hel', 'lo', ' you']);
    const last = events.at(-1);
    expect(last?.type === 'response.completed' ? last.response.output[0] : undefined).toMatchObject({
      type: 'message',
    });
    expectNoViolations(target.upstream);
  });

  test.each([true, false])('a tool is called and its result goes back, streaming: %j', async (isStream) => {
    target.upstream.enqueue([
      reply.message({ thinking: 'Ask.', calls: [{ id: 'call_1', name: 'get_weather', input: { city: 'Köln' } }] }),
      reply.text('Sunny.'),
    ]);
    const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: 'Weather?' }];
    const send = () =>
      isStream
        ? client.responses.stream({ model, input, tools: [weather], store: false }).finalResponse()
        : client.responses.create({ model, input, tools: [weather], store: false });
    const first = await send();
    const call = first.output.find((item) => item.type === 'function_call');
    expect(call).toMatchObject({ call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Köln"}' });
    const reasoning = [...first.output].find(
      (item): item is OpenAI.Responses.ResponseReasoningItem => item.type === 'reasoning',
    );
    if (reasoning === undefined) throw new Error('The reasoning was lost.');
    input.push(
      {
        type: 'reasoning',
        id: reasoning.id,
        summary: reasoning.summary,
        encrypted_content: reasoning.encrypted_content ?? null,
      },
      { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Köln"}' },
      { type: 'function_call_output', call_id: 'call_1', output: '21 °C' },
    );
    expect((await send()).output_text).toBe('Sunny.');
    expectNoViolations(target.upstream);
  });

  test('a wrong key is an authentication error', async () => {
    const stranger = new OpenAI({ apiKey: 'sk-wrong', baseURL: `${target.baseUrl}/v1`, maxRetries: 0 });
    expect(await failureOf(stranger.responses.create({ model, input: 'x' }))).toBeInstanceOf(AuthenticationError);
  });

  test('an unknown model is not found', async () => {
    target.upstream.respond(reply.error({ status: 404, message: 'The model nobody-has-this does not exist' }));
    const error = await failureOf(client.responses.create({ model: 'nobody-has-this', input: 'x' }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.code).toBe('model_not_found');
  });

  test('a rate limit is passed on with its hints', async () => {
    target.upstream.respond(reply.rateLimited(7));
    const error = await failureOf(client.responses.create({ model, input: 'x' }));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.headers?.get('retry-after')).toBe('7');
  });

  test('a refusal of the request comes in the upstream’s own words', async () => {
    const error = await failureOf(
      client.responses.create({ model, input: [{ type: 'function_call_output', call_id: 'call_x', output: 'y' }] }),
    );
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error.message).toContain('No tool call found for function call output with call_id call_x.');
  });

  test('an error in the middle of a stream is an error for the client', async () => {
    target.upstream.respond(
      reply.text('one two three four', { failAfterBytes: 4000, failure: { status: 503, message: 'Gone away' } }),
    );
    await expect(client.responses.stream({ model, input: 'x' }).finalResponse()).rejects.toThrow();
  });

  test('a cut in the middle of a stream is a failure, never a clean stop', async () => {
    target.upstream.respond(reply.text('one two three four', { cutAfterBytes: 4000 }));
    const types: string[] = [];
    const reading = (async () => {
      const stream = await client.responses.create({ model, input: 'x', stream: true });
      for await (const event of stream) types.push(event.type);
    })();
    // Before ProxyCast the connection breaks; behind it the dialect's own failure ends the stream.
    if (name === 'direct') await expect(reading).rejects.toThrow();
    else await reading;
    expect(types).toContain('response.output_text.delta');
    expect(types).not.toContain('response.completed');
    if (name === 'proxycast') expect(types.at(-1)).toBe('response.failed');
  });

  test('a client that leaves aborts the upstream call', async () => {
    const gate = createGate();
    target.upstream.respond(reply.text('one two three four', { beforeChunk: gate }));
    gate.release(3);
    const stream = await client.responses.create({ model, input: 'x', stream: true });
    for await (const _event of stream) break;
    const request = await target.upstream.waitForRequest(1);
    expect(await request.ended).toEqual({ type: 'aborted-by-peer' });
  });
});

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
