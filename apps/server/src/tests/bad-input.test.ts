import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createFakeUpstream, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ask, DIALECTS, type DialectSample } from '../testing/dialects.ts';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';

let app: AppUnderTest;
let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await createFakeUpstream();
  app = await startApp();
  for (const { id, providerType } of DIALECTS) {
    await app.addProvider(
      { id: `fake-${id}`, type: providerType, api_host: upstream.baseUrl, models: [`model-${id}`] },
      'key-1',
    );
  }
});
afterAll(async () => {
  await app.stop();
  await upstream.close();
});
afterEach(() => {
  expect(app.app.gateway.inFlight()).toBe(0);
  upstream.reset();
});

async function post(
  dialect: DialectSample,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  model = `model-${dialect.id}`,
) {
  const response = await fetch(app.baseUrl + dialect.path(model, false), {
    method: 'POST',
    headers: { ...dialect.headers, ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  const text = await response.text();
  return { status: response.status, ...dialect.readError(JSON.parse(text)), text };
}

const TYPES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  openai: { 400: 'any', 401: 'invalid_api_key', 404: 'model_not_found', 413: 'request_too_large' },
  responses: { 400: 'any', 401: 'invalid_api_key', 404: 'model_not_found', 413: 'request_too_large' },
  anthropic: {
    400: 'invalid_request_error',
    401: 'authentication_error',
    404: 'not_found_error',
    413: 'request_too_large',
  },
  gemini: { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 404: 'NOT_FOUND', 413: 'any' },
};

function expectError(
  dialect: DialectSample,
  answer: { readonly status: number; readonly type: unknown; readonly message: unknown; readonly text: string },
  status: number,
): void {
  expect(answer.status, answer.text).toBe(status);
  expect(typeof answer.message, answer.text).toBe('string');
  const type = TYPES[dialect.id]?.[status];
  if (type !== 'any' && type !== undefined) expect(answer.type, answer.text).toBe(type);
}

describe.each(DIALECTS)('$id', (dialect) => {
  test.each([
    ['broken JSON', '{"model": "x", '],
    ['nothing', ''],
    ['an array', '[]'],
    ['a string', '"hello"'],
    ['binary', '\u0000\u0001\u0002'],
  ])('%s is a 400 in the dialect', async (_name, body) => {
    expectError(dialect, await post(dialect, body), 400);
    expect(upstream.requests).toHaveLength(0);
  });

  test('an unknown model is a 404 in the dialect that names it', async () => {
    const answer = await post(dialect, JSON.stringify(dialect.body('no-such-model', false)), {}, 'no-such-model');
    expectError(dialect, answer, 404);
    expect(String(answer.message)).toContain('no-such-model');
  });

  test('a wrong key is a 401 in the dialect and the message does not repeat it', async () => {
    const answer = await post(dialect, '{}', {
      authorization: 'Bearer pc-wrong-key',
      'x-api-key': 'pc-wrong-key',
      'x-goog-api-key': 'pc-wrong-key',
    });
    expectError(dialect, answer, 401);
    expect(answer.text).not.toContain('pc-wrong-key');
  });

  test('a 30 MB body is a 413 in the dialect', async () => {
    const body = Buffer.alloc(30_000_000, 0x20);
    body.write(JSON.stringify(dialect.body(`model-${dialect.id}`, false)));
    expectError(dialect, await post(dialect, body), 413);
    expect(upstream.requests).toHaveLength(0);
  });

  test('a compressed body is read, and a bomb is not', async () => {
    upstream.respond(reply.text('ok'));
    const good = gzipSync(JSON.stringify(dialect.body(`model-${dialect.id}`, false)));
    const response = await fetch(app.baseUrl + dialect.path(`model-${dialect.id}`, false), {
      method: 'POST',
      headers: { ...dialect.headers, 'content-encoding': 'gzip' },
      body: new Uint8Array(good),
    });
    expect(response.status, await response.text()).toBe(200);
    expectError(dialect, await post(dialect, gzipSync(Buffer.alloc(40_000_000)), { 'content-encoding': 'gzip' }), 413);
    expectError(dialect, await post(dialect, '{}', { 'content-encoding': 'gzip' }), 400);
    expectError(dialect, await post(dialect, '{}', { 'content-encoding': 'made-up' }), 400);
  });

  test('a revoked key is refused from the next request on', async () => {
    const { body } = await app.admin('POST', '/client-keys', { name: 'short-lived' });
    const { id, key } = Object(body);
    const headers = { authorization: `Bearer ${key}`, 'x-api-key': key, 'x-goog-api-key': key };
    upstream.respond(reply.text('ok'));
    expect((await ask(app.baseUrl, dialect, { model: `model-${dialect.id}`, headers })).status).toBe(200);
    await app.admin('PATCH', `/client-keys/${id}`, { revoked: true });
    const answer = await post(dialect, '{}', headers);
    expect(answer.status).toBe(401);
    expect(String(answer.message)).toContain('revoked');
  });

  test('a body much larger than what is checked passes, broken or not, and the upstream says so', async () => {
    const text = `${JSON.stringify(dialect.body(`model-${dialect.id}`, false)).slice(0, -1)},"x":"${'y'.repeat(70_000)}"`;
    const answer = await post(dialect, text);
    expect(answer.status).toBe(400);
    expect(upstream.requests).toHaveLength(1);
  });
});

const json = DIALECTS.filter(({ id }) => id !== 'gemini');

test.each(json)('$id: model and stream of a wrong type name the field', async (dialect) => {
  for (const [field, value] of [
    ['model', 5],
    ['model', ''],
    ['model', null],
    ['stream', 'yes'],
  ] as const) {
    const answer = await post(
      dialect,
      JSON.stringify({ ...dialect.body(`model-${dialect.id}`, false), [field]: value }),
    );
    expectError(dialect, answer, 400);
    expect(String(answer.message)).toContain(field);
  }
});

test('a key written twice reaches the upstream as it was checked here', async () => {
  const [dialect] = DIALECTS;
  if (dialect === undefined) throw new Error('no dialect');
  upstream.respond(reply.text('ok'));
  const sent = '{"model":"no-such-model","messages":[{"role":"user","content":"x"}],"mod\\u0065l":"model-openai"}';
  const response = await fetch(`${app.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: dialect.headers,
    body: sent,
  });
  expect(response.status, await response.text()).toBe(200);
  expect(upstream.requests[0]?.body.toString()).toBe(
    '{"model":"model-openai","messages":[{"role":"user","content":"x"}]}',
  );
});

/** Sends raw bytes and reads until the server closes. */
function rawExchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(app.baseUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

test('a header bomb is a 431 in the dialect of the path', async () => {
  const answer = await rawExchange(
    `POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-bomb: ${'b'.repeat(100_000)}\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(answer).toContain('"type":"error"');
});

test('bytes that are no HTTP are a 400', async () => {
  expect(await rawExchange('this is not http\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
});

test('a client that leaves while it sends its body leaves nothing behind', async () => {
  const { hostname, port } = new URL(app.baseUrl);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${CLIENT_KEY}\r\nContent-Length: 1000\r\n\r\n{"model":`,
        () => socket.destroy(),
      );
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
  await expect.poll(() => app.app.gateway.inFlight()).toBe(0);
});

test('a client that stops reading slows the upstream down instead of filling the memory', async () => {
  const [dialect] = DIALECTS;
  if (dialect === undefined) throw new Error('no dialect');
  const frame = `data: {"choices":[{"index":0,"delta":{"content":"${'z'.repeat(60_000)}"}}]}\n\n`;
  const frames = 2_000;
  upstream.respond(
    reply.bytes(
      `${frame.repeat(frames)}data: [DONE]\n\n`,
      { headers: { 'content-type': 'text/event-stream' } },
      { chunks: frame.length },
    ),
  );
  const { hostname, port } = new URL(app.baseUrl);
  const body = JSON.stringify(dialect.body('model-openai', true));
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${CLIENT_KEY}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const request = await upstream.waitForRequest(1);
  let seen = -1;
  // Settled once the upstream can write no more: the same count at two looks a quarter of a second apart.
  await expect
    .poll(
      () => {
        const isSame = request.answerBytes === seen && seen > 0;
        seen = request.answerBytes;
        return isSame;
      },
      { interval: 250, timeout: 10_000 },
    )
    .toBe(true);
  expect(seen).toBeLessThan((frame.length * frames) / 2);
  socket.destroy();
  expect(await request.ended).toEqual({ type: 'aborted-by-peer' });
  await expect.poll(() => app.app.gateway.inFlight()).toBe(0);
});
