import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';
import { type Front, type FrontAnswer, startFront } from '../testing/start-front.ts';

const PLUGIN = fileURLToPath(new URL('../testing/enveloping-plugin.ts', import.meta.url));
const MANIFEST = {
  name: 'enveloped',
  version: '1.0.0',
  plugin_type: 'oauth_provider',
  entry: 'bin/backend.js',
  runtime: 'node',
  contract_version: 1,
  provider: {
    id: 'enveloped',
    display_name: 'Enveloped',
    target_protocol: 'gemini',
    supported_models: ['gem-*'],
    auth_types: [{ id: 'token', display_name: 'Token' }],
  },
};

const candidate = (text: string, more: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }],
  modelVersion: 'gem-1',
});
const USAGE = { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 };
const CHUNKS = [
  candidate('hel'),
  candidate('lo } 漢'),
  { ...candidate('', { finishReason: 'STOP' }), usageMetadata: USAGE },
];
const wrap = (response: object): string => JSON.stringify({ traceId: '} "response":{', response, more: [1] });
const STREAM = CHUNKS.map((chunk) => `data: ${wrap(chunk)}\r\n\r\n`).join('');

describe('a service that wraps what it says', () => {
  let built: string;
  let home: string;
  let front: Front;
  let app: AppUnderTest;
  let answer: (isStream: boolean) => FrontAnswer;

  beforeAll(async () => {
    built = join(mkdtempSync(join(tmpdir(), 'proxycast-enveloped-')), 'enveloped');
    mkdirSync(join(built, 'bin'), { recursive: true });
    const bundle = await rolldown({ input: PLUGIN, platform: 'node' });
    await bundle.write({ file: join(built, 'bin', 'backend.js'), format: 'esm', codeSplitting: false });
    await bundle.close();
    writeFileSync(join(built, 'package.json'), '{ "type": "module" }\n');
    writeFileSync(join(built, 'plugin.json'), JSON.stringify(MANIFEST));
  }, 60_000);
  afterAll(() => rmSync(join(built, '..'), { recursive: true, force: true }));

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'proxycast-home-'));
    answer = (isStream) =>
      isStream
        ? { status: 200, body: STREAM, contentType: 'text/event-stream' }
        : {
            status: 200,
            body: JSON.parse(wrap({ ...candidate('hello', { finishReason: 'STOP' }), usageMetadata: USAGE })),
          };
    front = await startFront(({ path }) => answer(path.includes('stream')));
    app = await startApp({ home });
    const done = [
      await app.admin('POST', '/plugins/install', { source: { type: 'file', path: built }, consent: true }),
      await app.admin('PUT', '/plugins/enveloped/config', {
        settings: { address: front.baseUrl, endpoints: { api: front.baseUrl } },
      }),
      await app.admin('POST', '/plugins/enveloped/credentials', { auth_type: 'token', config: { token: 't-1' } }),
    ];
    expect(done.map(({ status }) => status)).toEqual([201, 200, 201]);
  });
  afterEach(async () => {
    await app.stop();
    await front[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  const post = (path: string, body: unknown) =>
    fetch(`${app.baseUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const asGemini = (method: string) =>
    post(`/v1beta/models/gem-1:${method}`, { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], unknownField: 7 });
  const asChat = (stream: boolean) =>
    post('/v1/chat/completions', { model: 'gem-1', stream, messages: [{ role: 'user', content: 'hi' }] });

  test('gets its envelope around the client’s own bytes, and a field below the top', async () => {
    const response = await asGemini('generateContent');
    expect(response.status).toBe(200);
    expect(front.requests.at(-1)).toMatchObject({
      path: '/internal:generateContent',
      body: {
        project: 'p-1',
        model: 'gem-1',
        requestId: response.headers.get('x-request-id'),
        request: { contents: [{ parts: [{ text: 'hi' }] }], unknownField: 7, generationConfig: { candidateCount: 1 } },
      },
    });
    expect(front.requests.at(-1)?.headers.authorization).toBe('Bearer t-1');
  });

  test('is unwrapped for clients of its dialect, otherwise untouched', async () => {
    expect(await (await asGemini('generateContent')).json()).toEqual({
      ...candidate('hello', { finishReason: 'STOP' }),
      usageMetadata: USAGE,
    });
    const streamed = await (await asGemini('streamGenerateContent?alt=sse')).text();
    expect(streamed).toBe(CHUNKS.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''));
    // This client asked for an array, and the plugin is not told of it.
    expect(await (await asGemini('streamGenerateContent')).json()).toMatchObject([
      { candidates: [{ content: { parts: [{ text: 'hel' }] } }] },
      { candidates: [{ content: { parts: [{ text: 'lo } 漢' }] } }] },
      { candidates: [{ finishReason: 'STOP' }] },
    ]);
    await vi.waitFor(async () => {
      const { body } = await app.admin('GET', '/requests');
      const counted = { usage: { input: 3, output: 2 } };
      expect(body).toMatchObject({ items: [counted, counted, counted] });
    }, 5_000);
  });

  test.each([false, true])('is unwrapped on its way into another dialect; stream: %s', async (stream) => {
    const text = await (await asChat(stream)).text();
    const said = stream
      ? [...text.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('')
      : JSON.parse(text).choices[0].message.content;
    expect(said).toBe(stream ? 'hello } 漢' : 'hello');
  });

  test('that ends half-way never looks complete', async () => {
    answer = () => ({ status: 200, body: STREAM.slice(0, STREAM.length - 150), contentType: 'text/event-stream' });
    const own = await (await asGemini('streamGenerateContent?alt=sse')).text();
    expect(own).toContain('lo } 漢');
    expect(own.trimEnd().split('\n').at(-1)).toMatch(/^data: \{"error":/);
    const other = await (await asChat(true)).text();
    expect(other).toContain('"error"');
    expect(other).not.toContain('"finish_reason":"stop"');
  });

  test('that says an error inside a 200 is refused before anything leaves, in the client’s dialect', async () => {
    const error = { error: { code: 429, message: 'Quota is used up.', status: 'RESOURCE_EXHAUSTED' } };
    answer = (isStream) =>
      isStream
        ? { status: 200, body: `data: ${JSON.stringify(error)}\n\n`, contentType: 'text/event-stream' }
        : { status: 200, body: error };
    for (const response of [
      await asGemini('generateContent'),
      await asGemini('streamGenerateContent?alt=sse'),
      await asChat(true),
      await asChat(false),
    ]) {
      expect(response.status).toBe(429);
      expect(JSON.stringify(await response.json())).toContain('Quota is used up.');
    }
  });

  test('that sends what is no stream at all is a fault with a name', async () => {
    answer = () => ({ status: 200, body: 'data: '.padEnd(1000, 'x'), contentType: 'text/event-stream' });
    expect((await asGemini('streamGenerateContent?alt=sse')).status).toBe(502);
    answer = () => ({ status: 200, body: '', contentType: 'text/event-stream' });
    expect((await asGemini('streamGenerateContent?alt=sse')).status).toBe(502);
  });
});
