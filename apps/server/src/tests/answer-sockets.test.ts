import { request } from 'node:http';
import { createFakeUpstream, createGate, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages of the API, read by the shapes its reference gives.
type Json = any;

let app: AppUnderTest;
let upstream: FakeUpstream;
const opened: Client[] = [];

/** A socket as Codex uses it: messages out, messages in, in their order. */
class Client {
  readonly socket: WebSocket;
  readonly #messages: Json[] = [];
  #wake: (() => void) | undefined;
  readonly closed: Promise<number>;

  constructor(path = '/v1/responses', headers: Record<string, string> = { authorization: `Bearer ${CLIENT_KEY}` }) {
    this.socket = new WebSocket(app.baseUrl.replace('http', 'ws') + path, { headers });
    this.socket.on('message', (data) => {
      this.#messages.push(JSON.parse(String(data)));
      this.#wake?.();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code) => resolve(code));
    });
    this.socket.on('error', () => undefined);
    opened.push(this);
  }

  async open(): Promise<this> {
    await new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('error', reject);
    });
    return this;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  async next(): Promise<Json> {
    while (this.#messages.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.shift();
  }

  /** All messages up to the one that ends an answer. */
  async answer(fields: Record<string, unknown>): Promise<Json[]> {
    this.send({ type: 'response.create', ...fields });
    const events: Json[] = [];
    for (;;) {
      const event = await this.next();
      events.push(event);
      if (/^(?:response\.(?:completed|failed|incomplete)|error)$/.test(event.type)) return events;
    }
  }
}

const textOf = (events: readonly Json[]): string =>
  events
    .filter(({ type }) => type === 'response.output_text.delta')
    .map(({ delta }) => delta)
    .join('');
const idOf = (events: readonly Json[]): string => events.at(-1).response.id;
const lastSent = (): string => upstream.requests.at(-1)?.body.toString('utf8') ?? '';

beforeAll(async () => {
  upstream = await createFakeUpstream();
  app = await startApp();
  for (const [id, type, model] of [
    ['fake-anthropic', 'anthropic', 'model-a'],
    ['fake-responses', 'openai-response', 'model-r'],
    ['fake-openai', 'openai', 'model-o'],
    ['fake-gemini', 'gemini', 'gemini-3-fake'],
  ] as const) {
    await app.addProvider({ id, type, api_host: upstream.baseUrl, models: [model] }, 'key-1');
  }
});
afterAll(async () => {
  await app.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());
afterEach(() => {
  for (const { socket } of opened.splice(0)) socket.terminate();
});

describe.each(['model-a', 'model-r', 'model-o', 'gemini-3-fake'])('on %s', (model) => {
  test('a warm-up, then turns that send only what is new, without anything stored', async () => {
    const client = await new Client().open();
    const warm = await client.answer({
      model,
      store: false,
      generate: false,
      input: [{ type: 'message', role: 'developer', content: 'House rules.' }],
    });
    expect(warm.map(({ type }) => type)).toEqual(['response.created', 'response.in_progress', 'response.completed']);
    expect(warm.at(-1).response).toMatchObject({ output: [], store: false, usage: { total_tokens: 0 } });
    expect(upstream.requests).toHaveLength(0);

    upstream.respond(reply.text(['It is ', 'a cat.']));
    const first = await client.answer({ model, store: false, previous_response_id: idOf(warm), input: 'What is it?' });
    expect(textOf(first)).toBe('It is a cat.');
    expect(first.map((event, index) => event.sequence_number === index)).not.toContain(false);
    expect(lastSent()).toContain('House rules.');

    client.send({ type: 'response.processed', response_id: idOf(first) });
    upstream.respond(reply.text('A cat.'));
    const second = await client.answer({ model, store: false, previous_response_id: idOf(first), input: 'Again?' });
    for (const text of ['House rules.', 'What is it?', 'It is a cat.', 'Again?']) expect(lastSent()).toContain(text);
    expect(second.at(-1).response).toMatchObject({ previous_response_id: idOf(first), store: false });
    expect(upstream.violations).toEqual([]);

    const response = await fetch(`${app.baseUrl}/v1/responses/${idOf(second)}`, {
      headers: { authorization: `Bearer ${CLIENT_KEY}` },
    });
    expect(response.status).toBe(404);
    const elsewhere = await new Client().open();
    expect(await elsewhere.answer({ model, previous_response_id: idOf(second), input: 'x' })).toMatchObject([
      {
        type: 'error',
        status: 400,
        error: { code: 'previous_response_not_found', param: 'previous_response_id', type: 'invalid_request_error' },
      },
    ]);
  });
});

test('what is stored can be gone on from by HTTP, and the other way round', async () => {
  const client = await new Client().open();
  const first = await client.answer({ model: 'model-a', input: 'alpha' });
  const ask = async (body: object): Promise<Json> => {
    const response = await fetch(`${app.baseUrl}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'model-a', ...body }),
    });
    return response.json();
  };
  const { id } = await ask({ input: 'beta', previous_response_id: idOf(first) });
  const other = await new Client().open();
  const third = await other.answer({ model: 'model-a', store: false, input: 'gamma', previous_response_id: id });
  await other.answer({ model: 'model-a', store: false, input: 'delta', previous_response_id: idOf(third) });
  for (const word of ['alpha', 'beta', 'gamma', 'delta']) expect(lastSent()).toContain(word);
});

test('store: false on a socket says nothing of whether the service keeps answers', async () => {
  const ask = async (body: object): Promise<Json> => {
    const response = await fetch(`${app.baseUrl}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'model-r', ...body }),
    });
    return response.json();
  };
  const { id } = await ask({ input: 'alpha' });
  const client = await new Client().open();
  const events = await client.answer({ model: 'model-r', store: false, input: 'beta', previous_response_id: id });
  expect(events.at(-1).type).toBe('response.completed');
  expect(lastSent()).toContain(id);
  const { id: next } = await ask({ input: 'gamma' });
  await ask({ input: 'delta', previous_response_id: next });
  expect(lastSent()).toContain(`"previous_response_id":"${next}"`);
});

test('one answer at a time; the next may come when it has ended', async () => {
  const client = await new Client().open();
  const gate = createGate();
  upstream.respond(reply.text(['one ', 'two'], { beforeChunk: gate }));
  const first = client.answer({ model: 'model-a', input: 'x' });
  await upstream.waitForRequest(1);
  client.send({ type: 'response.create', model: 'model-a', input: 'y' });
  expect(await first).toMatchObject([{ type: 'error', status: 409, error: { code: 'response_in_progress' } }]);
  gate.open();
  while ((await client.next()).type !== 'response.completed');
  expect(textOf(await client.answer({ model: 'model-a', input: 'z' }))).toBe('one two');
});

test('a client that leaves ends the upstream call', async () => {
  const client = await new Client().open();
  const gate = createGate();
  upstream.respond(reply.text(['one ', 'two ', 'three'], { beforeChunk: gate }));
  gate.release(3);
  client.send({ type: 'response.create', model: 'model-a', input: 'x' });
  const sent = await upstream.waitForRequest(1);
  client.socket.terminate();
  expect(await sent.ended).toMatchObject({ type: 'aborted-by-peer' });
  gate.open();
});

test('a refusal of the upstream is an error with its status, and the socket goes on', async () => {
  const client = await new Client().open();
  upstream.enqueue([reply.rateLimited(7)]);
  expect(await client.answer({ model: 'model-a', input: 'x' })).toMatchObject([
    { type: 'error', status: 429, error: { message: expect.any(String) }, headers: { 'retry-after': '7' } },
  ]);
  expect((await client.answer({ model: 'model-a', input: 'x' })).at(-1).type).toBe('response.completed');
});

test.each([
  ['no JSON', 'hello', 400],
  ['another type', { type: 'session.update' }, 400],
  ['no model', { type: 'response.create', input: 'x' }, 400],
  ['an unknown model', { type: 'response.create', model: 'nobody/x', input: 'x' }, 404],
  ['an input that is none', { type: 'response.create', model: 'model-a', input: 5 }, 400],
  ['several conversations at once', { type: 'response.create', stream_id: 's', model: 'model-a', input: 'x' }, 400],
])('%s is refused by name, and the socket goes on', async (_name, message, status) => {
  const client = await new Client().open();
  client.send(message);
  expect(await client.next()).toMatchObject({ type: 'error', status, error: { message: expect.any(String) } });
  expect((await client.answer({ model: 'model-a', input: 'x' })).at(-1).type).toBe('response.completed');
});

test('bytes that are no text close the socket', async () => {
  const client = await new Client().open();
  client.send(Buffer.from([1, 2, 3]));
  expect(await client.next()).toMatchObject({ type: 'error', error: { code: 'invalid_message' } });
  expect(await client.closed).toBe(1003);
});

test('a message that is too large closes the socket', async () => {
  await app.admin('PATCH', '/settings', { 'limits.max_body_bytes': 2048 });
  const client = await new Client().open();
  client.send({ type: 'response.create', model: 'model-a', input: 'x'.repeat(4096) });
  expect(await client.closed).toBe(1009);
  await app.admin('PATCH', '/settings', { 'limits.max_body_bytes': null });
});

test('who asks for another protocol is answered in the one it asked in', async () => {
  const answer = await new Promise<Json>((resolve, reject) => {
    const asked = request(`${app.baseUrl}/v1/responses`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${CLIENT_KEY}`,
        'content-type': 'application/json',
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABkAAQAAP__',
      },
    });
    asked.on('response', (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(body) }));
    });
    asked.on('error', reject);
    asked.end(JSON.stringify({ model: 'model-a', input: 'x' }));
  });
  expect(answer).toMatchObject({ status: 200, body: { status: 'completed' } });
});

describe('the handshake is refused as any other request', () => {
  const AUTHORIZATION = `Bearer ${CLIENT_KEY}`;
  test.each([
    ['without a key', '/v1/responses', {}, 401],
    ['with a wrong key', '/v1/responses', { authorization: 'Bearer nobody' }, 401],
    ['at another path', '/v1/chat/completions', { authorization: AUTHORIZATION }, 404],
    ['at no path of ours', '/elsewhere', { authorization: AUTHORIZATION }, 404],
    ['under a foreign host', '/v1/responses', { authorization: AUTHORIZATION, host: 'evil.example' }, 403],
    ['from a foreign page', '/v1/responses', { authorization: AUTHORIZATION, origin: 'https://evil.example' }, 403],
    ['from an opaque page', '/v1/responses', { authorization: AUTHORIZATION, origin: 'null' }, 403],
  ])('%s', async (_name, path, headers, status) => {
    const client = new Client(path, headers);
    const answer = await new Promise<Json>((resolve) => {
      client.socket.on('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(body) }));
      });
    });
    expect(answer).toMatchObject({ status, body: { error: { message: expect.any(String) } } });
  });

  test.each([
    ['by x-api-key', '/v1/responses', { 'x-api-key': CLIENT_KEY }],
    ['in the query', `/v1/responses?key=${CLIENT_KEY}`, {}],
    ['pinned to a provider', '/api/provider/fake-openai/v1/responses', { authorization: AUTHORIZATION }],
    ['from a page of this machine', '/v1/responses', { authorization: AUTHORIZATION, origin: 'http://localhost:3000' }],
  ])('and taken %s', async (_name, path, headers) => {
    const client = await new Client(path, headers).open();
    expect((await client.answer({ model: 'model-o', input: 'x' })).at(-1).type).toBe('response.completed');
  });
});

test('a key that was revoked answers no further message', async () => {
  const made = await app.admin('POST', '/client-keys', { name: 'short' });
  const { id, key } = made.body as Json;
  const client = await new Client('/v1/responses', { authorization: `Bearer ${key}` }).open();
  expect((await client.answer({ model: 'model-a', input: 'x' })).at(-1).type).toBe('response.completed');
  expect((await app.admin('DELETE', `/client-keys/${id}`)).status).toBeLessThan(300);
  expect(await client.answer({ model: 'model-a', input: 'x' })).toMatchObject([{ type: 'error', status: 401 }]);
});

test('a stop says goodbye to every socket', async () => {
  await using other = await startApp();
  const socket = new WebSocket(`${other.baseUrl.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${CLIENT_KEY}` },
  });
  await new Promise((resolve) => socket.on('open', resolve));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const began = performance.now();
  await other.stop();
  expect(await closed).toBe(1001);
  expect(performance.now() - began).toBeLessThan(2_000);
});
