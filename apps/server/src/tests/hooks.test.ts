import { createServer, type Server } from 'node:http';
import { createApiKeyProvider } from '@proxycast/api-key-providers';
import { createCredentialPool } from '@proxycast/credentials';
import {
  type AnswerHook,
  createGateway,
  DEFAULT_GATEWAY_SETTINGS,
  type Gateway,
  type RequestHook,
} from '@proxycast/gateway';
import { openaiChat } from '@proxycast/protocol-openai-chat';
import { createRoutingTable } from '@proxycast/routing';
import {
  InvalidRequestError,
  parseClientKeyId,
  parseCredentialId,
  parseProviderId,
  parseRequestId,
  Secret,
} from '@proxycast/spec';
import { createFakeUpstream, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIdSource } from '../create-id-source.ts';
import { listen } from '../http/listen.ts';

// SHA-256 of "key".
const KEY_SHA256 = '2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683';

let upstream: FakeUpstream;
let server: Server | undefined;
let gateway: Gateway | undefined;
beforeEach(async () => {
  upstream = await createFakeUpstream({ models: ['fake-model'] });
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await gateway?.close();
  await upstream.close();
});

async function start(hooks: {
  readonly request?: RequestHook;
  readonly answer?: AnswerHook;
}): Promise<(content: string) => Promise<Response>> {
  const provider = createApiKeyProvider({
    record: {
      id: parseProviderId('fake'),
      name: 'fake',
      type: 'openai',
      apiHost: upstream.baseUrl,
      isSystem: false,
      groupName: 'custom',
      enabled: true,
      sortOrder: 1,
      models: ['fake-model'],
      createdAt: 0,
      updatedAt: 0,
    },
    credentials: [{ id: parseCredentialId('c'), label: 'c', secret: new Secret('vendor-key') }],
  });
  const newId = createIdSource(Date.now);
  gateway = createGateway({
    protocols: [openaiChat],
    defaultProtocol: openaiChat,
    snapshot: () => ({
      clientKeys: new Map([[KEY_SHA256, { id: parseClientKeyId('k'), name: 'k', sha256: KEY_SHA256 }]]),
      routing: createRoutingTable({ providers: [provider], routes: [], families: [] }),
      models: [],
      upstreamProtocols: new Map(),
      settings: DEFAULT_GATEWAY_SETTINGS,
      requestHooks: hooks.request === undefined ? [] : [hooks.request],
      answerHooks: hooks.answer === undefined ? [] : [hooks.answer],
    }),
    credentials: createCredentialPool({ now: Date.now }),
    observe: () => undefined,
    log: { warn: () => undefined, error: () => undefined },
    now: Date.now,
    monotonicMs: () => performance.now(),
    newRequestId: () => parseRequestId(newId()),
    userAgent: 'test',
  });
  server = createServer(gateway.handle);
  const baseUrl = await listen(server, '127.0.0.1', 0);
  return (content) =>
    fetch(`${baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content }] }),
    });
}

test('a request hook changes what the upstream reads', async () => {
  upstream.respond(reply.text('ok'));
  const ask = await start({
    request: async ({ body }) => Buffer.from(body.toString('utf8').replace('my secret', '[removed]')),
  });
  expect((await ask('this is my secret')).status).toBe(200);
  expect(upstream.requests[0]?.body.toString()).toContain('this is [removed]');
});

test('a request hook refuses in the client’s dialect, and nothing reaches the upstream', async () => {
  const ask = await start({
    request: () => {
      throw new InvalidRequestError({ code: 'not_here', message: 'Not in this house.' });
    },
  });
  const answer = await ask('hello');
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { code: 'not_here', message: 'Not in this house.' } });
  expect(upstream.requests).toHaveLength(0);
});

test('an answer hook changes a whole answer, whatever its size', async () => {
  const ask = await start({
    answer: async ({ body }) => Buffer.from(body.toString('utf8').replaceAll('blue', 'green')),
  });
  for (const words of [3, 40_000]) {
    upstream.respond(reply.text('blue '.repeat(words)));
    const text = await (await ask('hello')).text();
    expect(text).not.toContain('blue');
    expect(text.match(/green/g)).toHaveLength(words);
    JSON.parse(text);
  }
});

test('a hook that breaks is a private error, and the upstream’s answer does not leak', async () => {
  upstream.respond(reply.text('do not show this'));
  const ask = await start({ answer: () => Promise.reject(new TypeError('details of the hook')) });
  const answer = await ask('hello');
  const text = await answer.text();
  expect(answer.status).toBe(500);
  expect(text).not.toMatch(/details of the hook|do not show this/);
  await expect.poll(() => gateway?.inFlight()).toBe(0);
});
