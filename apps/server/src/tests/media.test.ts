import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createFakeBedrock,
  createFakeGoogleTokens,
  createFakeUpstream,
  createOllamaService,
  type FakeUpstream,
  reply,
} from '@proxycast/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';
import { startFront } from '../testing/start-front.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const PDF = Buffer.from('%PDF-1.4\n%%EOF\n');
const WAV = Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1');

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** A host of files that the administrator trusts. */
interface Files extends AsyncDisposable {
  readonly host: string;
  readonly requests: readonly string[];
  readonly aborted: () => number;
  serve: Serve;
}

const TYPED: ReadonlyMap<string, readonly [string, Buffer]> = new Map([
  ['/cat.png', ['image/png', PNG]],
  ['/paper.pdf', ['application/pdf', PDF]],
  ['/word.wav', ['audio/wav', WAV]],
  ['/notes.csv', ['text/csv', Buffer.from('a,b\n1,ü\n')]],
]);
const serveTyped: Serve = (request, response) => {
  const [type, body] = TYPED.get(request.url?.split('?')[0] ?? '') ?? [];
  if (body === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': type }).end(body);
};

async function startFiles(): Promise<Files> {
  const requests: string[] = [];
  let aborted = 0;
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.on('close', () => {
      if (!response.writableFinished) aborted++;
    });
    files.serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const files: Files = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    aborted: () => aborted,
    serve: serveTyped,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return files;
}

let app: AppUnderTest;
let upstream: FakeUpstream;
let files: Files;

beforeAll(async () => {
  upstream = await createFakeUpstream();
  app = await startApp();
  for (const [id, type] of [
    ['google', 'gemini'],
    ['claude', 'anthropic'],
    ['chat', 'openai'],
    ['local', 'ollama'],
  ]) {
    await app.addProvider(
      { id: `fake-${id}`, type, api_host: upstream.baseUrl, models: [`${id === 'google' ? 'gemini-3' : id}-model`] },
      'key-1',
    );
  }
});
afterAll(async () => {
  await app.stop();
  await upstream.close();
});
beforeEach(async () => {
  upstream.reset();
  upstream.respond(reply.text(['seen']));
  files = await startFiles();
  await set({ 'media.trusted_hosts': [files.host] });
});
afterEach(async () => {
  await files[Symbol.asyncDispose]();
  await set({
    'media.trusted_hosts': null,
    'media.fetch_urls': null,
    'media.max_files': null,
    'media.max_file_bytes': null,
    'media.max_total_bytes': null,
    'media.timeout_ms': null,
    'media.allow_http': null,
    'limits.max_buffered_bytes': null,
  });
});

async function set(settings: Readonly<Record<string, unknown>>): Promise<void> {
  const { status, body } = await app.admin('PATCH', '/settings', settings);
  if (status >= 300) throw new Error(JSON.stringify(body));
}

interface Answered {
  readonly status: number;
  readonly changed: string;
  readonly overheadMs: number;
  readonly text: string;
  readonly error: { readonly code?: string; readonly message?: string; readonly param?: string };
}

async function post(path: string, body: unknown, signal?: AbortSignal): Promise<Answered> {
  const response = await fetch(app.baseUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return {
    status: response.status,
    changed: response.headers.get('x-proxycast-changed') ?? '',
    overheadMs: Number(response.headers.get('x-proxycast-overhead-ms')),
    text,
    error: JSON.parse(text).error ?? {},
  };
}

const image = (url: string) => ({ type: 'image_url', image_url: { url } });
/** Chat Completions, the client's dialect of most of these. */
const chat = (model: string, ...parts: readonly unknown[]) => ({
  model,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, ...parts] }],
});
const askGemini = (parts: readonly unknown[], signal?: AbortSignal) =>
  post('/v1/chat/completions', chat('gemini-3-model', ...parts), signal);
const urlOf = (path: string): string => `http://${files.host}${path}`;
const sent = (): string => upstream.requests.at(-1)?.body.toString('utf8') ?? '';

describe('an address the upstream does not read', () => {
  test('is fetched, once for all its places, and said in the answer', async () => {
    const url = urlOf('/cat.png?token=1');
    const answer = await askGemini([image(url), image(url), image(urlOf('/cat.png'))]);
    expect(answer.status, answer.text).toBe(200);
    expect(files.requests.toSorted()).toEqual(['/cat.png', '/cat.png?token=1']);
    expect(sent().split(PNG.toString('base64'))).toHaveLength(4);
    expect(sent()).not.toContain('http://');
    expect(answer.changed).toContain('changed=messages.0.content.1');
    expect(upstream.violations).toEqual([]);
  });

  test.each([
    ['a PDF', { type: 'file', file: { file_data: '/paper.pdf' } }, 'application/pdf', PDF],
    ['a text', { type: 'file_url', file_url: { url: '/notes.csv' } }, 'text/csv', Buffer.from('a,b\n1,ü\n')],
    ['a sound', { type: 'input_audio', input_audio: { data: '/word.wav', format: 'wav' } }, 'audio/wav', WAV],
  ])('is fetched for %s too', async (_name, part, mediaType, bytes) => {
    const answer = await askGemini([
      JSON.parse(JSON.stringify(part).replace(/"(\/[a-z]+\.)/, `"http://${files.host}$1`)),
    ]);
    expect(answer.status, answer.text).toBe(200);
    expect(sent()).toContain(`{"mimeType":"${mediaType}","data":"${bytes.toString('base64')}"`);
    expect(upstream.violations).toEqual([]);
  });

  test('is fetched where it stands in a result of a tool', async () => {
    const answer = await post('/v1/messages', {
      model: 'gemini-3-model',
      max_tokens: 100,
      messages: [
        { role: 'user', content: 'Take a shot.' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'shot', input: {} }] },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              content: [{ type: 'image', source: { type: 'url', url: urlOf('/cat.png') } }],
            },
          ],
        },
      ],
      tools: [{ name: 'shot', input_schema: { type: 'object' } }],
    });
    expect(answer.status, answer.text).toBe(200);
    expect(sent()).toContain(PNG.toString('base64'));
    expect(upstream.violations).toEqual([]);
  });

  test('is fetched for a body that is converted in its own thread, and for a file that makes it one', async () => {
    const filler = { type: 'text', text: 'x'.repeat(600_000) };
    const large = Buffer.concat([PNG, Buffer.alloc(700_000, 7)]);
    files.serve = (request, response) => {
      if (request.url === '/large.png') response.writeHead(200, { 'content-type': 'image/png' }).end(large);
      else serveTyped(request, response);
    };
    for (const parts of [[filler, image(urlOf('/cat.png'))], [image(urlOf('/large.png'))]]) {
      const answer = await askGemini(parts);
      expect(answer.status, answer.text).toBe(200);
      expect(sent()).not.toContain('http://');
      expect(answer.changed).toContain('changed=messages.0.content.');
    }
    expect(sent()).toContain(large.toString('base64'));
    expect(upstream.violations).toEqual([]);
  });

  test('is waited for without counting as what ProxyCast adds', async () => {
    files.serve = (request, response) => void setTimeout(() => serveTyped(request, response), 500);
    const answer = await askGemini([image(urlOf('/cat.png'))]);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.overheadMs).toBeLessThan(400);
  });

  test('is fetched once for all attempts', async () => {
    upstream.enqueue([reply.error({ status: 500, message: 'not now' })]);
    await app.addProvider(
      { id: 'fake-second', type: 'gemini', api_host: upstream.baseUrl, models: ['gemini-3-model'] },
      'key-1',
    );
    try {
      const answer = await askGemini([image(urlOf('/cat.png'))]);
      expect(answer.status, answer.text).toBe(200);
      expect(upstream.requests).toHaveLength(2);
      expect(files.requests).toHaveLength(1);
    } finally {
      await app.admin('DELETE', '/providers/fake-second');
    }
  });
});

describe('an address the upstream reads', () => {
  const URL = 'https://files.example/cat.png';

  test.each([
    ['claude-model', `{"type":"url","url":"${URL}"}`],
    ['chat-model', `"url":"${URL}"`],
  ])('goes to %s as it is', async (model, expected) => {
    const answer = await post('/v1/chat/completions', chat(model, image(URL)));
    expect(answer.status, answer.text).toBe(200);
    expect(sent()).toContain(expected);
    expect(answer.changed).not.toContain('content.1');
    expect(upstream.violations).toEqual([]);
  });

  test.each(['gs://bucket/cat.png', 'https://generativelanguage.googleapis.com/v1beta/files/abc'])(
    'goes to Gemini as it is: %s',
    async (url) => {
      const answer = await post('/v1/messages', {
        model: 'gemini-3-model',
        max_tokens: 100,
        messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url } }] }],
      });
      expect(answer.status, answer.text).toBe(200);
      expect(sent()).toContain(`"fileUri":"${url}"`);
    },
  );

  test('goes as it is where client and upstream speak the same dialect', async () => {
    const body = { contents: [{ role: 'user', parts: [{ fileData: { fileUri: 'gs://bucket/cat.png' } }] }] };
    const answer = await post('/v1beta/models/gemini-3-model:generateContent', body);
    expect(answer.status, answer.text).toBe(200);
    expect(sent()).toBe(JSON.stringify(body));
  });
});

describe('services that speak a dialect without its addresses', () => {
  test('Ollama gets the bytes, by Chat Completions and by Messages, from clients of the same dialect too', async () => {
    await using ollama = await createFakeUpstream({ service: createOllamaService({ models: ['llava'] }) });
    await app.addProvider({ id: 'own-ollama', type: 'ollama', api_host: ollama.baseUrl, models: ['llava'] });
    try {
      const first = await post('/v1/chat/completions', chat('llava', image(urlOf('/cat.png'))));
      const second = await post('/v1/messages', {
        model: 'llava',
        max_tokens: 100,
        messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: urlOf('/cat.png') } }] }],
      });
      expect([first.status, second.status], first.text + second.text).toEqual([200, 200]);
      const [byChat, byMessages] = ollama.requests;
      expect([byChat?.path, byMessages?.path]).toEqual(['/v1/chat/completions', '/v1/messages']);
      expect(String(byChat?.body)).toContain(`data:image/png;base64,${PNG.toString('base64')}`);
      const held = { type: 'base64', media_type: 'image/png', data: PNG.toString('base64') };
      expect(String(byMessages?.body)).toContain(JSON.stringify(held));
      expect(ollama.violations).toEqual([]);
    } finally {
      await app.admin('DELETE', '/providers/own-ollama');
    }
  });

  test('bytes that hold no address pass as they are', async () => {
    const body = {
      model: 'local-model',
      max_tokens: 100,
      // A field that is called like the type of a source is none.
      tools: [{ name: 'fetch', input_schema: { type: 'object', properties: { url: { type: 'string' } } } }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'the "url" is "type":"url"' }] }],
      metadata: {},
    };
    const answer = await post('/v1/messages', body);
    expect(answer.status, answer.text).toBe(200);
    expect(sent()).toBe(JSON.stringify(body));
  });

  test('Bedrock gets the bytes', async () => {
    await using bedrock = await createFakeBedrock({ region: 'us-east-1', bearer: 'bedrock-key' });
    await app.addProvider(
      { id: 'rock', type: 'aws-bedrock', api_host: bedrock.baseUrl, region: 'us-east-1', models: ['nova'] },
      'bedrock-key',
    );
    try {
      const file = { type: 'file_url', file_url: { url: urlOf('/paper.pdf') } };
      const answer = await post('/v1/chat/completions', chat('nova', image(urlOf('/cat.png')), file));
      expect(answer.status, answer.text).toBe(200);
      expect(bedrock.requests.at(-1)?.body).toMatchObject({
        messages: [
          {
            content: [
              { text: 'What is it?' },
              { image: { format: 'png', source: { bytes: PNG.toString('base64') } } },
              { document: { format: 'pdf', source: { bytes: PDF.toString('base64') } } },
            ],
          },
        ],
      });
      expect(bedrock.violations).toEqual([]);
    } finally {
      await app.admin('DELETE', '/providers/rock');
    }
  });

  test('Claude on Vertex AI gets the bytes, from clients of its own dialect too', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const clientEmail = 'robot@project.iam.gserviceaccount.com';
    await using tokens = await createFakeGoogleTokens({ publicKey, clientEmail });
    await using front = await startFront(() => ({
      status: 200,
      body: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [{ type: 'text', text: 'seen' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    }));
    const account = {
      type: 'service_account',
      project_id: 'p',
      private_key_id: 'kid-1',
      private_key: privateKey,
      client_email: clientEmail,
      token_uri: tokens.url,
    };
    await app.addProvider(
      {
        id: 'vertex',
        type: 'vertexai',
        api_host: front.baseUrl,
        location: 'europe-west1',
        models: ['claude-opus-4-1'],
      },
      JSON.stringify(account),
    );
    try {
      const source = { type: 'url', url: urlOf('/cat.png') };
      const own = await post('/v1/messages', {
        model: 'claude-opus-4-1',
        max_tokens: 100,
        messages: [{ role: 'user', content: [{ type: 'image', source }] }],
      });
      const other = await post('/v1/chat/completions', chat('claude-opus-4-1', image(urlOf('/cat.png'))));
      expect([own.status, other.status], own.text + other.text).toEqual([200, 200]);
      const held = { type: 'base64', media_type: 'image/png', data: PNG.toString('base64') };
      for (const { body } of front.requests) expect(JSON.stringify(body)).toContain(JSON.stringify(held));
      expect(front.requests).toHaveLength(2);
    } finally {
      await app.admin('DELETE', '/providers/vertex');
    }
  });
});

describe('what is not fetched', () => {
  const refusalOf = async (url: string) => {
    const { status, error } = await askGemini([image(url)]);
    expect(status).toBe(400);
    expect(error.param).toBe('messages.0.content.1');
    expect(upstream.requests).toHaveLength(0);
    return error;
  };

  test.each([
    ['http://127.0.0.1:1/cat.png', 'url_scheme_refused'],
    ['https://127.0.0.1:1/cat.png', 'url_address_refused'],
    ['https://[::1]/cat.png', 'url_address_refused'],
    ['https://localhost/cat.png', 'url_address_refused'],
    ['https://2130706433/cat.png', 'url_address_refused'],
    ['https://169.254.169.254/latest/meta-data/', 'url_address_refused'],
    ['https://u:p@example.org/cat.png', 'url_credentials_refused'],
    ['ftp://example.org/cat.png', 'media_url_not_supported'],
    ['file:///etc/passwd', 'media_url_not_supported'],
  ])('%s: %s', async (url, code) => {
    expect((await refusalOf(url)).code).toBe(code);
    expect(files.requests).toEqual([]);
  });

  test('what is not there, or is not what it says, is named', async () => {
    expect((await refusalOf(urlOf('/nothing.png'))).code).toBe('url_status');
    expect((await refusalOf(urlOf('/paper.pdf'))).code).toBe('url_type_refused');
    files.serve = (_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end('<html>');
    expect((await refusalOf(urlOf('/cat.png'))).code).toBe('url_type_refused');
    files.serve = (_request, response) => response.writeHead(302, { location: 'https://127.0.0.1/cat.png' }).end();
    expect((await refusalOf(urlOf('/cat.png'))).code).toBe('url_address_refused');
  });

  test('no client can name a host to trust', async () => {
    await set({ 'media.trusted_hosts': [] });
    const { status, error } = await post('/v1/chat/completions', {
      ...chat('gemini-3-model', image(urlOf('/cat.png'))),
      media: { trusted_hosts: [files.host] },
      trusted_hosts: [files.host],
    });
    expect(status).toBe(400);
    expect(error.code).toBe('url_scheme_refused');
    expect(files.requests).toEqual([]);
  });

  test('nothing is, where it is switched off', async () => {
    await set({ 'media.fetch_urls': false });
    expect((await refusalOf(urlOf('/cat.png'))).code).toBe('media_url_not_supported');
    expect(files.requests).toEqual([]);
  });
});

describe('bounds', () => {
  test('on how many files', async () => {
    await set({ 'media.max_files': 2 });
    const urls = ['/1', '/2', '/3'].map((name) => image(urlOf(name)));
    const { status, error } = await askGemini(urls);
    expect([status, error.code]).toEqual([400, 'too_many_media_urls']);
    expect(error.message).toContain('media.max_files');
    expect(files.requests).toEqual([]);
  });

  test('on one file, on all files together, and on what is held for all requests', async () => {
    const large = Buffer.concat([PNG, Buffer.alloc(9_000, 7)]);
    files.serve = (_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(large);
    await set({ 'media.max_file_bytes': 4096 });
    expect((await askGemini([image(urlOf('/1'))])).error.code).toBe('url_too_large');
    await set({ 'media.max_file_bytes': null, 'media.max_total_bytes': 20_000 });
    expect((await askGemini([image(urlOf('/1')), image(urlOf('/2'))])).status).toBe(200);
    const together = await askGemini(['/1', '/2', '/3'].map((name) => image(urlOf(name))));
    expect([together.status, together.error.code]).toEqual([400, 'media_too_large']);
    await set({ 'media.max_total_bytes': null, 'limits.max_buffered_bytes': 16_000 });
    const held = await askGemini([image(urlOf('/1')), image(urlOf('/2'))]);
    expect([held.status, held.error.code]).toEqual([503, 'request_memory_full']);
    // What was held is given back.
    for (let time = 0; time < 5; time++) expect((await askGemini([image(urlOf('/1'))])).status).toBe(200);
  });

  test('on time', async () => {
    await set({ 'media.timeout_ms': 100 });
    files.serve = (_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).write(PNG);
    const { status, error } = await askGemini([image(urlOf('/cat.png'))]);
    expect([status, error.code]).toEqual([400, 'url_timeout']);
    await expect.poll(files.aborted).toBe(1);
  });
});

test('when the client leaves, what is being fetched for it ends at once', async () => {
  files.serve = (_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).write(PNG);
  const controller = new AbortController();
  const asking = askGemini(
    ['/1', '/2', '/3'].map((name) => image(urlOf(name))),
    controller.signal,
  );
  await expect.poll(() => files.requests.length).toBe(3);
  controller.abort();
  await expect(asking).rejects.toThrow();
  await expect.poll(files.aborted).toBe(3);
  await expect.poll(() => app.app.gateway.inFlight()).toBe(0);
  expect(upstream.requests).toHaveLength(0);
});

test('where one provider of the plan cannot be shown it, another that reads it is asked', async () => {
  await app.addProvider({ id: 'first', type: 'gemini', api_host: upstream.baseUrl, models: ['shared-model'] }, 'key-1');
  await app.addProvider(
    { id: 'then', type: 'anthropic', api_host: upstream.baseUrl, models: ['shared-model'] },
    'key-1',
  );
  await set({ 'media.fetch_urls': false });
  try {
    const answer = await post('/v1/chat/completions', chat('shared-model', image('https://files.example/cat.png')));
    expect(answer.status, answer.text).toBe(200);
    expect(upstream.requests.at(-1)?.path).toBe('/v1/messages');
  } finally {
    await app.admin('DELETE', '/providers/first');
    await app.admin('DELETE', '/providers/then');
  }
});
