import { createServer } from 'node:http';
import { createFakeUpstream, createGate, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';
import { startFront } from '../testing/start-front.ts';

/** The services behind: by what they speak and whether they keep answers. */
const PROVIDERS = [
  { id: 'anthropic', type: 'anthropic' },
  { id: 'openai', type: 'openai' },
  { id: 'gemini', type: 'gemini' },
  { id: 'responses', type: 'openai-response' },
  // Speaks Responses and keeps nothing.
  { id: 'forgetful', type: 'gateway' },
] as const;
const KEPT_HERE = PROVIDERS.filter(({ id }) => id !== 'responses');

// biome-ignore lint/suspicious/noExplicitAny: answers of the API, read by the shapes its reference gives.
type Json = any;

let app: AppUnderTest;
let upstream: FakeUpstream;
let otherKey: string;

interface Reply {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}

async function call(method: string, path: string, body?: unknown, key: string = CLIENT_KEY): Promise<Reply> {
  const response = await fetch(`${app.baseUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text, headers: response.headers };
}

const create = (body: Record<string, unknown>, key?: string): Promise<Reply> =>
  call('POST', '/v1/responses', body, key);
const modelOf = (id: string): string => (id === 'gemini' ? 'gemini-3-fake' : `model-${id}`);
const textOf = (response: Json): string =>
  (response.output ?? [])
    .flatMap((item: Json) => item.content ?? [])
    .map((part: Json) => part.text ?? '')
    .join('');
/** Everything the upstream was sent in its last request. */
const lastSent = (): string => upstream.requests.at(-1)?.body.toString('utf8') ?? '';

async function setting(values: Record<string, unknown>): Promise<void> {
  const { status } = await app.admin('PATCH', '/settings', values);
  expect(status).toBe(200);
}

async function settled(id: string): Promise<Json> {
  for (;;) {
    const { body } = await call('GET', `/v1/responses/${id}`);
    if (body.status !== 'queued' && body.status !== 'in_progress') return body;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

beforeAll(async () => {
  upstream = await createFakeUpstream({ checksSignatures: true });
  app = await startApp();
  for (const { id, type } of PROVIDERS) {
    await app.addProvider({ id: `fake-${id}`, type, api_host: upstream.baseUrl, models: [modelOf(id)] }, 'key-1');
  }
  const made = await app.admin('POST', '/client-keys', { name: 'other' });
  otherKey = (made.body as Json).key;
});
afterAll(async () => {
  await app.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

describe.each(PROVIDERS)('a chain on $id', ({ id }) => {
  const model = modelOf(id);

  test.each([false, true])('goes on from what was said, streaming: %j', async (stream) => {
    upstream.respond(reply.text('Hello, Zoë.'));
    const first = await create({ model, input: 'I am Zoë.', instructions: 'Be brief.' });
    expect(first.body).toMatchObject({ status: 'completed', store: true, previous_response_id: null });
    expect(textOf(first.body)).toBe('Hello, Zoë.');
    upstream.respond(reply.text('Zoë.'));
    const second = await create({ model, input: 'Who am I?', previous_response_id: first.body.id, stream });
    expect(second.status).toBe(200);
    if (!stream) expect(second.body).toMatchObject({ previous_response_id: first.body.id, store: true });
    if (id !== 'responses') {
      for (const text of ['I am Zoë.', 'Hello, Zoë.', 'Who am I?']) expect(lastSent()).toContain(text);
      expect(lastSent()).not.toContain('Be brief.');
      expect(lastSent()).not.toContain(first.body.id);
    } else expect(lastSent()).toContain(first.body.id);
    expect(upstream.violations).toEqual([]);
  });

  test('is retrieved, listed and deleted', async () => {
    upstream.respond(reply.text('Hello.'));
    const { body: made } = await create({ model, input: 'Hi', metadata: { a: 'b' } });
    const { body: again } = await call('GET', `/v1/responses/${made.id}`);
    expect(again).toEqual(made);
    const { body: list } = await call('GET', `/v1/responses/${made.id}/input_items`);
    expect(list).toMatchObject({ object: 'list', has_more: false, data: [{ type: 'message', role: 'user' }] });
    expect(await call('DELETE', `/v1/responses/${made.id}`)).toMatchObject({ status: 200, body: { deleted: true } });
    expect((await call('GET', `/v1/responses/${made.id}`)).status).toBe(404);
    const next = await create({ model, input: 'x', previous_response_id: made.id });
    expect(next).toMatchObject({ status: 400, body: { error: { code: 'previous_response_not_found' } } });
  });

  test('belongs to the key that made it', async () => {
    const { body: made } = await create({ model, input: 'Hi' });
    const sent = upstream.requests.length;
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/input_items'],
      ['POST', '/cancel'],
    ] as const) {
      expect(await call(method, `/v1/responses/${made.id}${path}`, undefined, otherKey)).toMatchObject({
        status: 404,
        body: { error: { type: 'invalid_request_error', code: 'response_not_found' } },
      });
    }
    expect(await create({ model, input: 'x', previous_response_id: made.id }, otherKey)).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'previous_response_not_found',
          param: 'previous_response_id',
          type: 'invalid_request_error',
          message: `Previous response with id '${made.id}' not found.`,
        },
      },
    });
    expect(upstream.requests.length).toBe(sent);
  });

  test('works in the background: polled, read along, cancelled', async () => {
    const gate = createGate();
    upstream.respond(reply.text(['one ', 'two ', 'three'], { beforeChunk: gate }));
    // A service that keeps answers works in the background itself.
    if (id === 'responses') gate.open();
    const { body: made } = await create({ model, input: 'Count', background: true });
    if (id === 'responses') {
      expect(lastSent()).toContain('"background":true');
      expect((await call('POST', `/v1/responses/${made.id}/cancel`)).body.status).toBe('cancelled');
      return;
    }
    expect(made).toMatchObject({ status: 'queued', background: true, output: [] });
    gate.open();
    const done = await settled(made.id);
    expect(done).toMatchObject({ id: made.id, status: 'completed', background: true });
    expect(textOf(done)).toBe('one two three');
    const { body: events } = await call('GET', `/v1/responses/${made.id}?stream=true&starting_after=1`);
    expect(events).toContain('"sequence_number":2');
    expect(events).not.toContain('"sequence_number":1}');
    expect(events).toContain('event: response.completed');
    const after = await create({ model, input: 'On', previous_response_id: made.id });
    expect(after.status).toBe(200);
  });
});

describe.each(KEPT_HERE)('on $id', ({ id }) => {
  const model = modelOf(id);

  test('a call and its result meet over the chain, with thinking signed by its maker', async () => {
    const tools = [{ type: 'function', name: 'look', parameters: { type: 'object', properties: {} } }];
    upstream.respond(reply.message({ thinking: 'Hm.', calls: [{ id: 'call_1', name: 'look', input: {} }] }));
    const reasoning = { effort: 'low', summary: 'auto' };
    const first = await create({ model, input: 'Look.', tools, reasoning, include: ['reasoning.encrypted_content'] });
    const call1 = first.body.output.find((item: Json) => item.type === 'function_call');
    upstream.respond(reply.text('A cat.'));
    const second = await create({
      model,
      tools,
      reasoning,
      previous_response_id: first.body.id,
      input: [{ type: 'function_call_output', call_id: call1.call_id, output: 'cat' }],
    });
    expect(textOf(second.body)).toBe('A cat.');
    expect(upstream.violations).toEqual([]);
  });

  test('a background answer that is cancelled stays cancelled, and its upstream call ends', async () => {
    const gate = createGate();
    upstream.respond(reply.text(['one ', 'two ', 'three'], { beforeChunk: gate }));
    gate.release(1);
    const { body: made } = await create({ model, input: 'Count', background: true });
    const request = await upstream.waitForRequest(1);
    const cancelled = await call('POST', `/v1/responses/${made.id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { id: made.id, status: 'cancelled' } });
    expect((await call('POST', `/v1/responses/${made.id}/cancel`)).body.status).toBe('cancelled');
    expect(await request.ended).toMatchObject({ type: 'aborted-by-peer' });
    expect((await call('GET', `/v1/responses/${made.id}`)).body.status).toBe('cancelled');
    const next = await create({ model, input: 'x', previous_response_id: made.id });
    expect(next).toMatchObject({ status: 400, body: { error: { code: 'previous_response_not_completed' } } });
    gate.open();
  });

  test('a background answer goes on when its reader leaves', async () => {
    const gate = createGate();
    upstream.respond(reply.text(['one ', 'two ', 'three'], { beforeChunk: gate }));
    gate.release(6);
    const leaving = new AbortController();
    const response = await fetch(`${app.baseUrl}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, input: 'Count', background: true, stream: true }),
      signal: leaving.signal,
    });
    const reader = response.body?.getReader();
    const head = new TextDecoder().decode((await reader?.read())?.value);
    const responseId = JSON.parse(/data: (.*)/.exec(head)?.[1] ?? '{}').response.id;
    leaving.abort();
    gate.open();
    expect(textOf(await settled(responseId))).toBe('one two three');
  });

  test('a background answer that fails says why', async () => {
    upstream.respond(reply.error({ status: 400, message: 'Too much of it' }));
    const { body: made } = await create({ model, input: 'Count', background: true });
    const done = await settled(made.id);
    expect(done).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('Too much of it') } });
  });

  test('a cut stream is kept as failed where it was written here', async () => {
    upstream.respond(reply.text(['one ', 'two ', 'three '.repeat(200)], { cutAfterBytes: 1500 }));
    const { body: events } = await create({ model, input: 'Count', stream: true });
    const { response } = JSON.parse(/event: response.failed\ndata: (.*)/.exec(events)?.[1] ?? '');
    const kept = await call('GET', `/v1/responses/${response.id}`);
    if (id === 'forgetful') expect(kept.status).toBe(404);
    else expect(kept.body).toMatchObject({ status: 'failed', error: { code: 'upstream_cut' } });
  });

  test('store: false keeps nothing', async () => {
    const { body: made } = await create({ model, input: 'Hi', store: false });
    if (id !== 'forgetful') expect(made.store).toBe(false);
    expect((await call('GET', `/v1/responses/${made.id}`)).status).toBe(404);
  });

  test('a large body that says store: false at its end keeps nothing; another is kept', async () => {
    const input = 'long '.repeat(20_000);
    const { body: refused } = await create({ model, input, tools: [], store: false, include: [] });
    expect((await call('GET', `/v1/responses/${refused.id}`)).status).toBe(404);
    const { body: kept } = await create({ model, input, tools: [], include: [] });
    expect((await call('GET', `/v1/responses/${kept.id}`)).status).toBe(200);
    const { body: next } = await create({ model, input, previous_response_id: kept.id });
    expect(next.previous_response_id).toBe(kept.id);
    expect((await call('GET', `/v1/responses/${next.id}/input_items`)).body.data).toHaveLength(3);
  });

  test('items are named instead of sent', async () => {
    upstream.respond(reply.text('The word is heron.'));
    const { body: first } = await create({ model, input: 'Say a word.' });
    await create({
      model,
      input: [
        { type: 'item_reference', id: first.output[0].id },
        { role: 'user', content: 'And?' },
      ],
    });
    expect(lastSent()).toContain('heron');
    expect(lastSent()).not.toContain('item_reference');
    expect(upstream.violations).toEqual([]);
  });
});

describe('a conversation that changes its provider', () => {
  test('goes on over all that keep nothing themselves, and back', async () => {
    let previous: string | undefined;
    const words: string[] = [];
    for (const { id } of [...KEPT_HERE, ...KEPT_HERE]) {
      words.push(`word-${words.length}`);
      upstream.respond(reply.message({ thinking: 'Hm.', text: `answer-${words.length}` }));
      const made = await create({
        model: modelOf(id),
        input: words.at(-1),
        reasoning: { effort: 'low' },
        ...(previous === undefined ? {} : { previous_response_id: previous }),
      });
      expect(made.status).toBe(200);
      for (const word of words) expect(lastSent()).toContain(word);
      previous = made.body.id;
    }
    expect(upstream.violations).toEqual([]);
  });

  test('goes on at a service that keeps answers, and stays kept here', async () => {
    const { body: first } = await create({ model: modelOf('anthropic'), input: 'alpha' });
    const { body: second } = await create({
      model: modelOf('responses'),
      input: 'beta',
      previous_response_id: first.id,
    });
    expect(lastSent()).toContain('alpha');
    const { body: third } = await create({ model: modelOf('gemini'), input: 'gamma', previous_response_id: second.id });
    expect(third.previous_response_id).toBe(second.id);
    for (const word of ['alpha', 'beta', 'gamma']) expect(lastSent()).toContain(word);
    expect(upstream.violations).toEqual([]);
  });

  test('is told where it can go on when its service keeps it', async () => {
    const { body: first } = await create({ model: modelOf('responses'), input: 'alpha' });
    const elsewhere = await create({ model: modelOf('anthropic'), input: 'x', previous_response_id: first.id });
    expect(elsewhere).toMatchObject({
      status: 400,
      body: {
        error: { code: 'previous_response_elsewhere', message: expect.stringContaining('provider fake-responses') },
      },
    });
  });
});

describe('refused by name', () => {
  test.each(['GET', 'DELETE'])('%s of an unknown id', async (method) => {
    expect(await call(method, '/v1/responses/resp_nobody')).toMatchObject({
      status: 404,
      body: { error: { message: "Response with id 'resp_nobody' not found.", type: 'invalid_request_error' } },
    });
  });

  test('cancelling what does not run in the background', async () => {
    const { body } = await create({ model: modelOf('anthropic'), input: 'Hi' });
    expect(await call('POST', `/v1/responses/${body.id}/cancel`)).toMatchObject({
      status: 400,
      body: { error: { code: 'response_not_background' } },
    });
  });

  test.each([
    [{ previous_response_id: 5 }, 'previous_response_id'],
    [{ previous_response_id: 'resp_x' }, 'previous_response_id'],
    [{ background: true, store: false }, 'background'],
  ])('%j', async (fields, param) => {
    const refused = await create({ model: modelOf('anthropic'), input: 'Hi', ...fields });
    expect(refused).toMatchObject({ status: 400, body: { error: { param } } });
    expect(upstream.requests).toHaveLength(0);
  });

  test('the events of what was not made in the background', async () => {
    const { body } = await create({ model: modelOf('anthropic'), input: 'Hi' });
    expect(await call('GET', `/v1/responses/${body.id}?stream=true`)).toMatchObject({
      status: 400,
      body: { error: { code: 'stream_not_kept' } },
    });
  });

  test('more in the background than may be', async () => {
    await setting({ 'responses.max_background': 1 });
    const gate = createGate();
    upstream.respond(reply.text(['one ', 'two'], { beforeChunk: gate }));
    const first = await create({ model: modelOf('anthropic'), input: 'Hi', background: true });
    const second = await create({ model: modelOf('anthropic'), input: 'Hi', background: true });
    expect(second).toMatchObject({ status: 429, body: { error: { code: 'background_full' } } });
    gate.open();
    await settled(first.body.id);
    await setting({ 'responses.max_background': null });
  });
});

test('switched off nothing is kept, and what names an answer says how to switch it on', async () => {
  const { body: before } = await create({ model: modelOf('anthropic'), input: 'Hi' });
  await setting({ 'responses.keep': false });
  try {
    const { body: made } = await create({ model: modelOf('anthropic'), input: 'Hi', store: true });
    expect(made.store).toBe(false);
    expect((await call('GET', `/v1/responses/${made.id}`)).status).toBe(404);
    for (const previous of [made.id, before.id]) {
      expect(await create({ model: modelOf('anthropic'), input: 'x', previous_response_id: previous })).toMatchObject({
        status: 400,
        body: { error: { code: 'responses_not_kept', message: expect.stringContaining('responses.keep') } },
      });
    }
    // A service that keeps answers itself goes on doing so.
    const { body: first } = await create({ model: modelOf('responses'), input: 'Hi' });
    expect((await create({ model: modelOf('responses'), input: 'x', previous_response_id: first.id })).status).toBe(
      200,
    );
  } finally {
    await setting({ 'responses.keep': null });
  }
});

test('the built-in model keeps its answers too', async () => {
  const { body: first } = await create({ model: 'proxycast-echo', input: 'parrot' });
  const { body: second } = await create({ model: 'proxycast-echo', input: 'again', previous_response_id: first.id });
  expect(second).toMatchObject({ previous_response_id: first.id, store: true });
  expect(second.id).not.toBe(first.id);
  expect((await call('GET', `/v1/responses/${second.id}/input_items`)).body.data).toHaveLength(3);
});

describe('what is asked of a conversation beside its next answer', () => {
  test.each(PROVIDERS)('its tokens are counted whole on $id', async ({ id }) => {
    const long = 'word '.repeat(400);
    const { body: first } = await create({ model: modelOf(id), input: long });
    const count = async (fields: object): Promise<number> => {
      const { body } = await call('POST', '/v1/responses/input_tokens', { model: modelOf(id), input: 'Hi', ...fields });
      expect(body.object).toBe('response.input_tokens');
      return body.input_tokens;
    };
    // A service that keeps the answer counts what it keeps; the fake counts bytes.
    const withId = await count({ previous_response_id: first.id });
    if (id === 'responses') expect(lastSent()).toContain(first.id);
    else expect(withId).toBeGreaterThan((await count({})) + 300);
  });

  test('it is compacted where the upstream can, with all its turns, and refused by name elsewhere', async () => {
    await using front = await startFront(({ path }) =>
      path === '/v1/responses/compact'
        ? { status: 200, body: { id: 'resp_c', object: 'response.compaction', output: [] } }
        : { status: 404, body: { error: { message: 'no such path' } } },
    );
    await app.addProvider(
      { id: 'compacts', type: 'openai-response', api_host: `${front.baseUrl}/v1`, models: ['c'] },
      'k',
    );
    const { body: first } = await create({ model: modelOf('anthropic'), input: 'alpha' });
    const compact = (model: string) =>
      call('POST', '/v1/responses/compact', { model, input: 'beta', previous_response_id: first.id });
    expect(await compact('c')).toMatchObject({ status: 200, body: { object: 'response.compaction' } });
    expect(front.requests.at(-1)?.body['input']).toMatchObject([
      { content: 'alpha' },
      { role: 'assistant' },
      { content: 'beta' },
    ]);
    expect(front.requests.at(-1)?.body).not.toHaveProperty('previous_response_id');
    expect(await compact(modelOf('gemini'))).toMatchObject({
      status: 400,
      body: { error: { code: 'protocol_not_served' } },
    });
  });
});

describe.each([
  ['a service that keeps answers', 'openai-response', '/v1'],
  ['one that does not', 'gateway', ''],
])('of %s', (_name, type, base) => {
  test('an answer is known whose client left with the last event', async () => {
    const bodies: string[] = [];
    const service = createServer((asked, answer) => {
      let body = '';
      asked.on('data', (chunk) => {
        body += chunk;
      });
      asked.on('end', () => {
        bodies.push(body);
        const response = {
          id: 'resp_left',
          object: 'response',
          status: 'completed',
          store: true,
          model: 'm',
          output: [],
        };
        answer.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const event of ['response.created', 'response.completed']) {
          answer.write(`event: ${event}\ndata: ${JSON.stringify({ type: event, response })}\n\n`);
        }
        // It never closes by itself.
        if (bodies.length > 1) answer.end();
      });
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const address = service.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const model = `left-${type}`;
    await app.addProvider({ id: model, type, api_host: `http://127.0.0.1:${port}${base}`, models: [model] }, 'k');
    const leaving = new AbortController();
    const response = await fetch(`${app.baseUrl}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, input: 'alpha', stream: true }),
      signal: leaving.signal,
    });
    let read = '';
    for await (const chunk of response.body ?? []) {
      read += Buffer.from(chunk).toString('utf8');
      if (read.includes('event: response.completed')) break;
    }
    leaving.abort();
    await expect
      .poll(
        async () => (await create({ model, input: 'beta', previous_response_id: 'resp_left', stream: true })).status,
      )
      .toBe(200);
    expect(bodies.at(-1)).toContain(type === 'gateway' ? 'alpha' : '"previous_response_id":"resp_left"');
    service.closeAllConnections();
    await new Promise((resolve) => service.close(resolve));
  });
});

describe.each([
  ['a service that keeps answers', 'openai-response', '/v1'],
  ['one that does not', 'gateway', ''],
])('of %s', (_name, type, base) => {
  test.each([10, 200_000, 1_500_000])(
    'a whole answer of %i characters and a stream of them are known',
    async (length) => {
      const text = 'x'.repeat(length);
      const item = {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text }],
      };
      let count = 0;
      await using front = await startFront(({ body }) => {
        count++;
        const response = {
          id: `resp_long${length}_${count}`,
          object: 'response',
          status: 'completed',
          store: true,
          model: 'l',
          output: [item],
          usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
        };
        if (body['stream'] !== true) return { status: 200, body: response };
        const frame = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;
        return {
          status: 200,
          contentType: 'text/event-stream',
          body:
            frame({ type: 'response.created', response: { ...response, output: [] } }) +
            frame({ type: 'response.completed', response }),
        };
      });
      const model = `long-${type}-${length}`;
      await app.addProvider({ id: model, type, api_host: `${front.baseUrl}${base}`, models: [model] }, 'k');
      for (const stream of [false, true]) {
        await create({ model, input: 'alpha', stream });
        const previous = `resp_long${length}_${count}`;
        const next = await create({ model, input: 'beta', previous_response_id: previous, max_output_tokens: 16 });
        expect(next.status).toBe(200);
        const sent = JSON.stringify(front.requests.at(-1)?.body);
        if (type === 'gateway') expect(sent.length).toBeGreaterThan(length);
        else expect(sent).toContain(previous);
      }
    },
  );
});

describe('a service that was believed to keep answers', () => {
  test('and says that it does not is believed; from then on they are kept here', async () => {
    let count = 0;
    await using front = await startFront(() => {
      count++;
      const item = {
        type: 'message',
        id: `msg_${count}`,
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: `said ${count}` }],
      };
      return {
        status: 200,
        body: {
          id: `resp_theirs${count}`,
          object: 'response',
          status: 'completed',
          store: false,
          model: 'f',
          output: [item],
        },
      };
    });
    await app.addProvider(
      { id: 'forgets', type: 'openai-response', api_host: `${front.baseUrl}/v1`, models: ['f'] },
      'k',
    );
    await create({ model: 'f', input: 'first' });
    const { body: second } = await create({ model: 'f', input: 'second' });
    expect(second.id).toBe('resp_theirs2');
    const { body: third } = await create({ model: 'f', input: 'third', previous_response_id: second.id });
    expect(front.requests.at(-1)?.body['input']).toMatchObject([
      { content: 'second' },
      { role: 'assistant', content: [{ text: 'said 2' }] },
      { content: 'third' },
    ]);
    expect(third).toMatchObject({ previous_response_id: second.id, store: true });
    expect(JSON.stringify(front.requests.at(-1)?.body)).not.toContain('msg_2');
    expect((await call('GET', `/v1/responses/${third.id}`)).body).toMatchObject({
      output: [{ content: [{ text: 'said 3' }] }],
    });
  });

  test('does not take with it what it kept before', async () => {
    let keeps = true;
    let count = 0;
    await using front = await startFront(() => {
      count++;
      return {
        status: 200,
        body: {
          id: `resp_turn${count}`,
          object: 'response',
          status: 'completed',
          store: keeps,
          model: 'h',
          output: [],
        },
      };
    });
    await app.addProvider({ id: 'half', type: 'openai-response', api_host: `${front.baseUrl}/v1`, models: ['h'] }, 'k');
    const { body: first } = await create({ model: 'h', input: 'first' });
    keeps = false;
    await create({ model: 'h', input: 'x' });
    const { body: second } = await create({ model: 'h', input: 'second', previous_response_id: first.id });
    expect(front.requests.at(-1)?.body['previous_response_id']).toBe(first.id);
    // The first turn is at the service alone: what is here would be half a conversation.
    expect(await create({ model: 'h', input: 'third', previous_response_id: second.id })).toMatchObject({
      status: 400,
      body: { error: { code: 'previous_response_elsewhere', message: expect.stringContaining('half') } },
    });
  });

  test('answers under one id again and again: a chain of them still holds each turn once', async () => {
    let count = 0;
    await using front = await startFront(() => {
      count++;
      const item = {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: `said ${count}` }],
      };
      return {
        status: 200,
        body: { id: 'resp_same', object: 'response', status: 'completed', model: 's', output: [item] },
      };
    });
    await app.addProvider({ id: 'same-id', type: 'gateway', api_host: front.baseUrl, models: ['s'] }, 'k');
    await create({ model: 's', input: 'first' });
    const { body: second } = await create({ model: 's', input: 'second', previous_response_id: 'resp_same' });
    await create({ model: 's', input: 'third', previous_response_id: second.id });
    const { input } = front.requests.at(-1)?.body ?? {};
    expect(JSON.stringify(input).match(/first|said 1|second|said 2|third/g)).toEqual([
      'first',
      'said 1',
      'second',
      'said 2',
      'third',
    ]);
  });
});
