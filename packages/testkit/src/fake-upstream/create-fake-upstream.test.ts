import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../gate.ts';
import { isObject, type JsonObject, objectsOf } from '../json.ts';
import { loadRecordings } from '../recordings.ts';
import { type Delivery, reply } from './answer.ts';
import { createFakeUpstream, type FakeUpstream, splitEvents } from './create-fake-upstream.ts';

let upstream: FakeUpstream;
beforeEach(async () => {
  upstream = await createFakeUpstream({ keys: ['good-key'], models: ['fake-a', 'fake-b'] });
});
afterEach(() => upstream.close());

const JSON_TYPE = { 'content-type': 'application/json' };

interface Shape {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

const SHAPES: Readonly<Record<'anthropic' | 'openai' | 'responses' | 'gemini', Shape>> = {
  anthropic: {
    path: '/v1/messages',
    headers: { ...JSON_TYPE, 'x-api-key': 'good-key', 'anthropic-version': '2023-06-01' },
    body: { model: 'fake-a', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] },
  },
  openai: {
    path: '/v1/chat/completions',
    headers: { ...JSON_TYPE, authorization: 'Bearer good-key' },
    body: { model: 'fake-a', messages: [{ role: 'user', content: 'Hi' }] },
  },
  responses: {
    path: '/v1/responses',
    headers: { ...JSON_TYPE, authorization: 'Bearer good-key' },
    body: { model: 'fake-a', input: 'Hi' },
  },
  gemini: {
    path: '/v1beta/models/fake-a:generateContent',
    headers: { ...JSON_TYPE, 'x-goog-api-key': 'good-key' },
    body: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
  },
};
type DialectName = keyof typeof SHAPES;
const DIALECTS: readonly DialectName[] = ['anthropic', 'openai', 'responses', 'gemini'];

function ask(dialect: DialectName, stream = false, init: RequestInit = {}): Promise<Response> {
  const { path, headers, body } = SHAPES[dialect];
  const streamed = dialect === 'gemini' ? body : { ...body, stream: true };
  return fetch(
    upstream.baseUrl + (stream ? path.replace(':generateContent', ':streamGenerateContent?alt=sse') : path),
    {
      method: 'POST',
      headers,
      body: JSON.stringify(stream ? streamed : body),
      ...init,
    },
  );
}

describe.each(DIALECTS)('%s', (dialect) => {
  test('a good request is answered whole and breaks no rule', async () => {
    const response = await ask(dialect);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.text()).toContain('Hello from the fake upstream.');
    expect(upstream.violations).toEqual([]);
  });

  test('a stream arrives in its dialect, word by word', async () => {
    const response = await ask(dialect, true);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const text = await response.text();
    for (const word of ['Hello ', 'from ', 'fake ', 'upstream.']) expect(text).toContain(JSON.stringify(word));
    expect(upstream.violations).toEqual([]);
  });

  test('a request is recorded with its raw headers, its bytes, its key and its end', async () => {
    await (await ask(dialect)).text();
    await upstream.idle();
    const [request] = upstream.requests;
    expect(request).toMatchObject({
      method: 'POST',
      dialect,
      operation: 'chat',
      model: 'fake-a',
      key: 'good-key',
      isStream: false,
    });
    expect(request?.body.toString()).toBe(JSON.stringify(SHAPES[dialect].body));
    expect(request?.rawHeaders).toContain('good-key' === request?.key ? 'content-type' : '');
    expect(await request?.ended).toEqual({ type: 'answered' });
    expect(request?.answerBytes).toBeGreaterThan(50);
    expect(request?.firstByteSentAtMs).toBeGreaterThanOrEqual(request?.arrivedAtMs ?? Infinity);
  });

  test('a wrong key is refused and is no violation; a missing one is both', async () => {
    const { headers } = SHAPES[dialect];
    const changed = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('good-key', 'bad-key')]),
    );
    const wrong = await ask(dialect, false, { headers: changed });
    expect(wrong.status).toBe(dialect === 'gemini' ? 400 : 401);
    await wrong.text();
    expect(upstream.violations).toEqual([]);
    const without = Object.fromEntries(Object.entries(headers).filter(([, value]) => !value.includes('good-key')));
    const missing = await ask(dialect, false, { headers: without });
    expect(missing.status).toBe(dialect === 'gemini' ? 400 : 401);
    await missing.text();
    expect(upstream.violations.map(({ rule }) => rule)).toContain('http.no-key');
  });

  test('a broken rule is the dialect’s own 400 and is recorded with its source', async () => {
    const { path, headers, body } = SHAPES[dialect];
    const response = await fetch(upstream.baseUrl + path, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...body, made_up: 1 }),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('made_up');
    expect(upstream.violations).toHaveLength(1);
    expect(upstream.violations[0]?.source).toMatch(/^protocols\.md \d/);
    expect(upstream.violations[0]?.request).toBe(upstream.requests[0]);
  });

  test('broken JSON and a wrong content type are refused', async () => {
    const { headers } = SHAPES[dialect];
    const broken = await ask(dialect, false, { body: '{"model": ' });
    expect(broken.status).toBe(400);
    await broken.text();
    const typed = await ask(dialect, false, { headers: { ...headers, 'content-type': 'text/plain' } });
    expect(typed.status).toBe(400);
    await typed.text();
    expect(upstream.violations.map(({ rule }) => rule)).toEqual(['http.json', 'http.content-type']);
  });

  test('a rate limit carries the dialect’s hints', async () => {
    upstream.enqueue([reply.rateLimited(7)]);
    const response = await ask(dialect);
    expect(response.status).toBe(429);
    const text = await response.text();
    if (dialect === 'gemini') expect(text).toContain('"retryDelay": "7s"');
    else expect(response.headers.get('retry-after')).toBe('7');
    expect((await ask(dialect)).status).toBe(200);
  });

  test('an error after the first bytes is the dialect’s event, behind whole events, and the stream closes', async () => {
    upstream.respond(
      reply.text('one two three four', { failAfterBytes: 10, failure: { status: 503, message: 'gone' } }),
    );
    const text = await (await ask(dialect, true)).text();
    const events = splitEvents(Buffer.from(text)).map(String);
    expect(events.at(-1)).toContain('gone');
    expect(events.at(-1)).toContain('error');
    for (const event of events) expect(event).toMatch(/\n\r?\n$/);
    expect(text).not.toContain('four');
  });

  test('a cut breaks the connection after the bytes it lets through', async () => {
    upstream.respond(reply.text('one two three four', { cutAfterBytes: 40, chunks: 7 }));
    const response = await ask(dialect, true);
    const { bytes, error } = await drain(response);
    expect(bytes.length).toBe(40);
    expect(error).toBeDefined();
    await upstream.idle();
    expect(upstream.requests[0]?.end).toEqual({ type: 'cut-by-script' });
  });

  test('half an event and a proper close', async () => {
    upstream.respond(reply.text('one two', { endAfterBytes: 30 }));
    const { bytes, error } = await drain(await ask(dialect, true));
    expect(bytes.length).toBe(30);
    expect(error).toBeUndefined();
    expect(upstream.requests[0]?.end).toEqual({ type: 'answered' });
  });

  test.each(['event', 'whole', 'byte', 5, [1, 2, 3]] satisfies NonNullable<Delivery['chunks']>[])(
    'the bytes are the same when written by %j',
    async (chunks) => {
      upstream.respond(reply.message({ text: 'Grüße 🎉', calls: [{ id: 'c1', name: 'f', input: { a: 'ü' } }] }));
      const plain = await (await ask(dialect, true)).text();
      upstream.respond((request) => {
        expect(request.isStream).toBe(true);
        return reply.message({ text: 'Grüße 🎉', calls: [{ id: 'c1', name: 'f', input: { a: 'ü' } }] }, { chunks });
      });
      const cut = await (await ask(dialect, true)).text();
      // Ids count the requests and times count seconds.
      const same = (text: string) =>
        text
          .replace(/fake\w*\d+/g, 'ID')
          .replace(/fake-response-\d+/g, 'ID')
          .replace(/"(created|created_at|completed_at)":\d+/g, '');
      expect(same(cut)).toBe(same(plain));
    },
  );

  test('an error inside a 200, whole and as the first event', async () => {
    upstream.respond(reply.errorInside({ status: 500, message: 'inside' }));
    const whole = await ask(dialect);
    expect(whole.status).toBe(200);
    expect(await whole.json()).toMatchObject({ error: { message: 'inside' } });
    const stream = await ask(dialect, true);
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    expect(await stream.text()).toContain('inside');
  });
});

test('a peer that leaves is recorded as having aborted, and nothing stays open', async () => {
  const gate = createGate();
  upstream.respond(reply.text('one two three', { beforeChunk: gate }));
  const { path, headers, body } = SHAPES.openai;
  // Not `fetch`: undici opens a fresh connection when an answer is aborted.
  const outgoing = httpRequest(upstream.baseUrl + path, { method: 'POST', headers, agent: false });
  outgoing.on('error', () => {});
  outgoing.end(JSON.stringify({ ...body, stream: true }));
  gate.release(2);
  await gate.arrived(3);
  expect(upstream.runningRequests).toBe(1);
  expect(upstream.openConnections).toBe(1);
  outgoing.destroy();
  expect(await upstream.requests[0]?.ended).toEqual({ type: 'aborted-by-peer' });
  await upstream.idle();
  await upstream.disconnected();
  expect(upstream.openConnections).toBe(0);
});

test('silence lasts until the peer leaves', async () => {
  upstream.respond(reply.silence());
  const abort = new AbortController();
  const pending = ask('anthropic', false, { signal: abort.signal });
  const request = await upstream.waitForRequest(1);
  expect(request.firstByteSentAtMs).toBeUndefined();
  abort.abort();
  await expect(pending).rejects.toThrow();
  expect(await request.ended).toEqual({ type: 'aborted-by-peer' });
});

test('the head waits for its gate', async () => {
  const gate = createGate();
  upstream.respond(reply.text('late', { beforeHead: gate }));
  const pending = ask('anthropic');
  await gate.arrived(1);
  expect(upstream.requests[0]?.firstByteSentAtMs).toBeUndefined();
  gate.release();
  expect((await pending).status).toBe(200);
});

test('a held answer sends its bytes and stays open', async () => {
  upstream.respond(reply.text('one two', { holdAfterBytes: 50 }));
  const abort = new AbortController();
  const response = await ask('anthropic', true, { signal: abort.signal });
  const reader = response.body?.getReader();
  let length = 0;
  while (length < 50) length += (await reader?.read())?.value?.length ?? 0;
  expect(length).toBe(50);
  expect(upstream.runningRequests).toBe(1);
  abort.abort();
  await upstream.idle();
});

test('hang-up breaks the connection before any byte', async () => {
  upstream.respond(reply.hangUp());
  await expect(ask('openai')).rejects.toThrow('fetch failed');
  await upstream.idle();
  expect(upstream.requests[0]?.end).toEqual({ type: 'cut-by-script' });
});

test('HTML, emptiness and bytes of one’s own go out as they are', async () => {
  upstream.enqueue([
    reply.html(),
    reply.empty('text/event-stream'),
    reply.bytes('{"odd":1}', { status: 207, headers: { 'x-odd': '1' } }),
  ]);
  const html = await ask('openai');
  expect(html.headers.get('content-type')).toContain('text/html');
  await html.text();
  const empty = await ask('openai', true);
  expect([empty.status, await empty.text()]).toEqual([200, '']);
  const own = await ask('openai');
  expect([own.status, own.headers.get('x-odd'), await own.text()]).toEqual([207, '1', '{"odd":1}']);
});

test('recordings go out byte for byte, with their status', async () => {
  const picks = [
    ...loadRecordings({ protocol: 'anthropic', kind: 'stream' }).slice(0, 3),
    ...loadRecordings({ protocol: 'anthropic', status: 400 }).slice(0, 1),
  ];
  for (const recording of picks) {
    upstream.respond(reply.recording(recording));
    const response = await ask('anthropic', recording.kind === 'stream');
    expect(response.status).toBe(recording.status);
    expect(Buffer.from(await response.arrayBuffer()).equals(recording.bytes())).toBe(true);
  }
});

test('splitting a recorded stream at its events loses no byte', () => {
  for (const recording of loadRecordings({ kind: 'stream' })) {
    expect(Buffer.concat(splitEvents(recording.bytes())).equals(recording.bytes())).toBe(true);
  }
});

test('compression happens only where the request allows it', async () => {
  upstream.respond(reply.text('packed', { compress: 'gzip' }));
  const packed = await ask('openai', false, { headers: { ...SHAPES.openai.headers, 'accept-encoding': 'gzip' } });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  expect(await packed.text()).toContain('packed');
  const plain = await ask('openai', false, { headers: { ...SHAPES.openai.headers, 'accept-encoding': 'identity' } });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(await plain.text()).toContain('packed');
});

test('a request body is read only as fast as the gate lets, and slows its sender', async () => {
  const gate = createGate();
  upstream.readBodiesThrough(gate);
  const { path, headers } = SHAPES.openai;
  const body = JSON.stringify({ ...SHAPES.openai.body, user: 'x'.repeat(8_000_000) });
  const { port, hostname } = new URL(upstream.baseUrl);
  const socket = connect(Number(port), hostname);
  const head = Object.entries({ ...headers, 'content-length': String(body.length), host: 'x' });
  socket.write(`POST ${path} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  const isFlushed = socket.write(body);
  await gate.arrived(1);
  expect(isFlushed).toBe(false);
  expect(socket.writableLength).toBeGreaterThan(1_000_000);
  gate.open();
  const request = await upstream.waitForRequest(1);
  expect(request.body.length).toBe(body.length);
  expect(upstream.violations).toEqual([]);
  socket.destroy();
});

test('a forbidden text is seen in headers, URL and body, without being repeated', async () => {
  await using strict = await createFakeUpstream({ forbidden: ['client-secret-1234'] });
  const { path, headers, body } = SHAPES.openai;
  const send = (url: string, extra: Record<string, string>, text: string) =>
    fetch(strict.baseUrl + url, { method: 'POST', headers: { ...headers, ...extra }, body: text }).then((r) =>
      r.text(),
    );
  await send(path, { 'x-leak': 'client-secret-1234' }, JSON.stringify(body));
  await send(`${path}?key=client-secret-1234`, {}, JSON.stringify(body));
  await send(path, {}, JSON.stringify({ ...body, user: 'client-secret-1234' }));
  expect(strict.violations.map(({ rule }) => rule)).toEqual(Array.from({ length: 3 }, () => 'http.forbidden-text'));
  expect(JSON.stringify(strict.violations.map(({ message }) => message))).not.toContain('client-secret');
});

test('an unknown path is a 404 and a violation', async () => {
  const response = await fetch(`${upstream.baseUrl}/v2/other`);
  expect(response.status).toBe(404);
  await response.text();
  expect(upstream.violations.map(({ rule }) => rule)).toEqual(['http.path']);
});

test('scripts are kept apart by operation', async () => {
  upstream.respond(reply.text('from the script'));
  const { headers, body } = SHAPES.anthropic;
  const { max_tokens: _none, ...counted } = body;
  const response = await fetch(`${upstream.baseUrl}/v1/messages/count_tokens`, {
    method: 'POST',
    headers,
    body: JSON.stringify(counted),
  });
  expect(await response.json()).toEqual({ input_tokens: Math.ceil(JSON.stringify(counted).length / 4) });
  upstream.respond(reply.error({ status: 529 }), 'count-tokens');
  const refused = await fetch(`${upstream.baseUrl}/v1/messages/count_tokens`, {
    method: 'POST',
    headers,
    body: JSON.stringify(counted),
  });
  expect(refused.status).toBe(529);
  expect(await (await ask('anthropic')).text()).toContain('from the script');
});

describe('beside chat', () => {
  const bearer = { authorization: 'Bearer good-key' };
  const get = async (path: string, headers: Record<string, string>) =>
    (await fetch(upstream.baseUrl + path, { headers })).json();
  const post = (path: string, body: unknown, headers: Record<string, string> = bearer) =>
    fetch(upstream.baseUrl + path, {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body: JSON.stringify(body),
    });

  test('model lists are in the shape of whoever asks', async () => {
    const { 'content-type': _type, ...anthropic } = SHAPES.anthropic.headers;
    expect(await get('/v1/models', bearer)).toMatchObject({
      object: 'list',
      data: [{ id: 'fake-a', object: 'model' }, { id: 'fake-b' }],
    });
    expect(await get('/v1/models', anthropic)).toMatchObject({
      data: [{ id: 'fake-a', type: 'model' }, { id: 'fake-b' }],
      has_more: false,
    });
    expect(await get('/v1beta/models?key=good-key', {})).toMatchObject({
      models: [{ name: 'models/fake-a' }, { name: 'models/fake-b' }],
    });
    expect(await get('/v1/models/nope', bearer)).toMatchObject({ error: { code: 'model_not_found' } });
    expect(upstream.violations).toEqual([]);
  });

  test('embeddings, speech, rerank and moderations answer', async () => {
    const embedded = await post('/v1/embeddings', { model: 'fake-a', input: ['a', 'bb'], encoding_format: 'float' });
    expect(await embedded.json()).toMatchObject({ data: [{ index: 0 }, { index: 1 }], model: 'fake-a' });
    const spoken = await post('/v1/audio/speech', { model: 'fake-a', input: 'Hi', voice: 'alloy' });
    expect(spoken.headers.get('content-type')).toBe('audio/mpeg');
    expect((await spoken.arrayBuffer()).byteLength).toBe(8);
    const ranked = await post('/v1/rerank', { model: 'fake-a', query: 'q', documents: ['a', 'b'] });
    expect(await ranked.json()).toMatchObject({ results: [{ index: 0 }, { index: 1 }] });
    expect(await (await post('/v1/moderations', { input: 'x' })).json()).toMatchObject({
      results: [{ flagged: false }],
    });
    const gemini = await post(
      '/v1beta/models/fake-a:embedContent',
      { content: { parts: [{ text: 'x' }] } },
      { 'x-goog-api-key': 'good-key' },
    );
    expect(await gemini.json()).toMatchObject({ embedding: { values: [0.25, -0.5, 0.125, expect.any(Number)] } });
    expect(upstream.violations).toEqual([]);
  });

  test('forms are read part by part, and refused when a part is missing', async () => {
    const file = new File([new Uint8Array([1, 2, 3])], 'a.wav', { type: 'audio/wav' });
    const form = new FormData();
    form.append('model', 'whisper-fake');
    form.append('file', file);
    const good = await fetch(`${upstream.baseUrl}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: bearer,
      body: form,
    });
    expect(await good.json()).toEqual({ text: 'Heard 3 bytes of a.wav.' });
    expect(upstream.requests[0]).toMatchObject({ model: 'whisper-fake', operation: 'audio-transcribe' });
    const lacking = new FormData();
    lacking.append('prompt', 'no image');
    const refused = await fetch(`${upstream.baseUrl}/v1/images/edits`, {
      method: 'POST',
      headers: bearer,
      body: lacking,
    });
    expect(refused.status).toBe(400);
    await refused.text();
    expect(upstream.violations.map(({ rule }) => rule)).toEqual(['service.image']);
  });

  test('a stored response can be read, continued, refused a cancel, and deleted', async () => {
    const made = await readObject(await post('/v1/responses', { model: 'fake-a', input: 'Hi' }));
    const id = String(made.id);
    expect(await get(`/v1/responses/${id}`, bearer)).toEqual(made);
    expect(await get(`/v1/responses/${id}/input_items`, bearer)).toMatchObject({ data: [{ role: 'user' }] });
    expect((await post('/v1/responses', { model: 'fake-a', input: 'More', previous_response_id: id })).status).toBe(
      200,
    );
    const cancelled = await fetch(`${upstream.baseUrl}/v1/responses/${id}/cancel`, { method: 'POST', headers: bearer });
    expect(cancelled.status).toBe(400);
    const deleted = await fetch(`${upstream.baseUrl}/v1/responses/${id}`, { method: 'DELETE', headers: bearer });
    expect(await deleted.json()).toMatchObject({ deleted: true });
    expect((await post('/v1/responses', { model: 'fake-a', input: 'More', previous_response_id: id })).status).toBe(
      400,
    );
    const unstored = await readObject(await post('/v1/responses', { model: 'fake-a', input: 'Hi', store: false }));
    expect(await get(`/v1/responses/${unstored.id}`, bearer)).toMatchObject({ error: { code: 'not_found' } });
  });

  test('Gemini streams a growing JSON array without alt=sse, and wraps its errors', async () => {
    const url = `${upstream.baseUrl}/v1beta/models/fake-a:streamGenerateContent?key=good-key`;
    const send = (body: unknown) => fetch(url, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });
    const chunks = objectsOf(await (await send(SHAPES.gemini.body)).json());
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.at(-1)).toMatchObject({ candidates: [{ finishReason: 'STOP' }] });
    const refused = await send({ contents: [] });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject([{ error: { status: 'INVALID_ARGUMENT' } }]);
    upstream.respond(reply.text('one two three', { failAfterBytes: 1, failure: { status: 503, message: 'gone' } }));
    const broken = objectsOf(await (await send(SHAPES.gemini.body)).json());
    expect(broken.at(-1)).toMatchObject({ error: { message: 'gone', status: 'UNAVAILABLE' } });
  });
});

test('closing ends what is running', async () => {
  const other = await createFakeUpstream();
  other.respond(reply.silence());
  const { path, headers, body } = SHAPES.openai;
  const pending = fetch(other.baseUrl + path, { method: 'POST', headers, body: JSON.stringify(body) });
  await other.waitForRequest(1);
  await Promise.all([other.close(), expect(pending).rejects.toThrow()]);
  expect(other.openConnections).toBe(0);
});

async function readObject(response: Response): Promise<JsonObject> {
  const value: unknown = await response.json();
  if (!isObject(value)) throw new TypeError('The answer is no object.');
  return value;
}

async function drain(response: Response): Promise<{ bytes: Buffer; error?: unknown }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk);
    return { bytes: Buffer.concat(chunks) };
  } catch (error) {
    return { bytes: Buffer.concat(chunks), error };
  }
}
