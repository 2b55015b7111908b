import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import { createGate, reply } from '@proxycast/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, TARGETS, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';

const weather: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const hello: Anthropic.MessageParam = { role: 'user', content: 'Hello' };

describe.each(TARGETS)('@anthropic-ai/sdk against %s', (name) => {
  let target: Target;
  let client: Anthropic;
  let model: string;

  beforeAll(async () => {
    target = await createTarget(name);
    client = new Anthropic({ apiKey: target.key, baseURL: target.baseUrl, maxRetries: 0 });
  });
  afterAll(() => target?.close());
  beforeEach(async () => {
    target.upstream.reset();
    ({ model } = await target.provide('anthropic'));
  });

  test('a message comes back whole, with usage and request id', async () => {
    target.upstream.respond(
      reply.message({ text: 'Grüße aus Köln 🎉', usage: { input: 30, cacheRead: 10, cacheWrite: 5, output: 7 } }),
    );
    const { data, request_id: requestId } = await client.messages
      .create({ model, max_tokens: 100, messages: [hello] })
      .withResponse();
    expect(data).toMatchObject({ type: 'message', role: 'assistant', model, stop_reason: 'end_turn' });
    expect(data.content).toEqual([{ type: 'text', text: 'Grüße aus Köln 🎉' }]);
    expect(data.usage).toMatchObject({
      input_tokens: 15,
      cache_read_input_tokens: 10,
      cache_creation_input_tokens: 5,
      output_tokens: 7,
    });
    expect(requestId).toMatch(/^req_/);
    expectNoViolations(target.upstream);
  });

  test('a stream comes event by event, thinking and signature included, before it has ended', async () => {
    const gate = createGate();
    target.upstream.respond(
      reply.message({ thinking: 'Let me see.', text: ['Hel', 'lo', ' you'] }, { beforeChunk: gate }),
    );
    const stream = client.messages.stream({ model, max_tokens: 100, messages: [hello] });
    const firstEvent = stream.emitted('streamEvent');
    gate.release(2);
    await firstEvent;
    expect(target.upstream.runningRequests).toBe(1);
    gate.open();
    const message = await stream.finalMessage();
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'Let me see.', signature: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/) },
      { type: 'text', text: 'Hello you' },
    ]);
    expect(message.stop_reason).toBe('end_turn');
    expectNoViolations(target.upstream);
  });

  test.each([true, false])('two parallel tools are called and their results go back, streaming: %j', async (stream) => {
    target.upstream.enqueue([
      reply.message({
        text: 'I look.',
        calls: [
          { id: 'toolu_1', name: 'get_weather', input: { city: 'Köln' } },
          { id: 'toolu_2', name: 'get_weather', input: {} },
        ],
      }),
      reply.text('Sunny in both.'),
    ]);
    const messages: Anthropic.MessageParam[] = [hello];
    const send = () =>
      stream
        ? client.messages.stream({ model, max_tokens: 100, messages, tools: [weather] }).finalMessage()
        : client.messages.create({ model, max_tokens: 100, messages, tools: [weather] });
    const first = await send();
    expect(first.stop_reason).toBe('tool_use');
    const calls = first.content.filter((block) => block.type === 'tool_use');
    expect(calls).toMatchObject([
      { id: 'toolu_1', name: 'get_weather', input: { city: 'Köln' } },
      { id: 'toolu_2', name: 'get_weather', input: {} },
    ]);
    messages.push(
      { role: 'assistant', content: first.content },
      {
        role: 'user',
        content: calls.map((call) => ({ type: 'tool_result' as const, tool_use_id: call.id, content: '21 °C' })),
      },
    );
    const second = await send();
    expect(second.content).toMatchObject([{ type: 'text', text: 'Sunny in both.' }]);
    expect(target.upstream.requests).toHaveLength(2);
    expectNoViolations(target.upstream);
  });

  test('betas, the beta query and the version of the dialect reach the upstream', async () => {
    const body: Anthropic.Beta.MessageCreateParamsNonStreaming = {
      model,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Hello' }],
      betas: ['context-management-2025-06-27', 'made-up-2030-01-01'],
    };
    await client.beta.messages.create(body, {
      headers: { 'anthropic-version': '2025-01-02' },
      query: { beta: 'true' },
    });
    const [request] = target.upstream.requests;
    expect(request?.headers['anthropic-beta']).toBe('context-management-2025-06-27,made-up-2030-01-01');
    expect(request?.headers['anthropic-version']).toBe('2025-01-02');
    expect(request?.query.get('beta')).toBe('true');
    expectNoViolations(target.upstream);
  });

  test('tokens are counted by the upstream', async () => {
    const counted = await client.messages.countTokens({
      model,
      system: 'Be brief.',
      messages: [hello],
      tools: [weather],
    });
    expect(counted.input_tokens).toBe(Math.ceil((target.upstream.requests[0]?.body.length ?? 0) / 4));
    expectNoViolations(target.upstream);
  });

  test('models are listed in this dialect’s shape', async () => {
    const listed = await client.models.list({ limit: 1000 });
    const found = listed.data.find(({ id }) => id === model);
    expect(found).toMatchObject({ type: 'model', id: model, display_name: expect.any(String) });
    expect(Number.isNaN(Date.parse(found?.created_at ?? ''))).toBe(false);
    const one = await client.models.retrieve(model);
    expect(one).toMatchObject({ type: 'model', id: model });
  });

  test('a wrong key is an authentication error', async () => {
    const stranger = new Anthropic({ apiKey: 'sk-wrong', baseURL: target.baseUrl, maxRetries: 0 });
    const error = await failureOf(stranger.messages.create({ model, max_tokens: 10, messages: [hello] }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.error).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
  });

  test('an unknown model is not found', async () => {
    target.upstream.respond(reply.error({ status: 404, message: 'model: nobody-has-this' }));
    const error = await failureOf(
      client.messages.create({ model: 'nobody-has-this', max_tokens: 10, messages: [hello] }),
    );
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.error).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    expect(error.message).toContain('nobody-has-this');
  });

  test('a rate limit is passed on with its retry-after', async () => {
    target.upstream.respond(reply.rateLimited(7));
    const error = await failureOf(client.messages.create({ model, max_tokens: 10, messages: [hello] }));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.headers?.get('retry-after')).toBe('7');
    expect(error.error).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  });

  test('a refusal of the request comes in the upstream’s own words', async () => {
    const error = await failureOf(
      client.messages.create({ model, max_tokens: 10, messages: [{ role: 'assistant', content: 'I begin' }, hello] }),
    );
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error.error).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'messages: first message must use the "user" role' },
    });
  });

  test('an error in the middle of a stream is an error for the client', async () => {
    target.upstream.respond(
      reply.text('one two three four', { failAfterBytes: 700, failure: { status: 529, message: 'Overloaded' } }),
    );
    const stream = client.messages.stream({ model, max_tokens: 100, messages: [hello] });
    const error = await failureOf(stream.finalMessage());
    expect(error.message).toContain('Overloaded');
  });

  test('a cut in the middle of a stream is an error, never a clean stop', async () => {
    target.upstream.respond(reply.text('one two three four', { cutAfterBytes: 700 }));
    await expect(
      client.messages.stream({ model, max_tokens: 100, messages: [hello] }).finalMessage(),
    ).rejects.toThrow();
  });

  test('a client that leaves aborts the upstream call', async () => {
    const gate = createGate();
    target.upstream.respond(reply.text('one two three four', { beforeChunk: gate }));
    const stream = client.messages.stream({ model, max_tokens: 100, messages: [hello] });
    const firstEvent = stream.emitted('streamEvent');
    gate.release(3);
    await firstEvent;
    stream.abort();
    await expect(stream.done()).rejects.toThrow();
    const request = await target.upstream.waitForRequest(1);
    expect(await request.ended).toEqual({ type: 'aborted-by-peer' });
  });

  test('a client that leaves before the first byte aborts the upstream call', async () => {
    target.upstream.respond(reply.silence());
    const abort = new AbortController();
    const pending = client.messages.create({ model, max_tokens: 100, messages: [hello] }, { signal: abort.signal });
    const failed = expect(pending).rejects.toThrow();
    const request = await target.upstream.waitForRequest(1);
    abort.abort();
    await failed;
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
