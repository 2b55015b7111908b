import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { createSendHttp } from './create-send-http.ts';
import { consentToAll, createGrants } from './grants.ts';
import { requestHttp } from './http-request.ts';

const seen: { readonly url: string; readonly headers: NodeJS.Dict<string | string[]>; readonly method: string }[] = [];
const server = createServer((request, response) => {
  seen.push({ url: request.url ?? '', headers: request.headers, method: request.method ?? '' });
  if (request.url === '/away') response.writeHead(307, { location: `http://localhost:${port}/there` }).end();
  else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
  else if (request.url === '/posted') response.writeHead(303, { location: '/got' }).end();
  else if (request.url === '/cut') response.destroy();
  else if (request.url === '/slow') response.write('begun');
  else response.writeHead(200, { 'x-a': '1' }).end('hello');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const send = createSendHttp({
  lookUp: async () => [{ address: '127.0.0.1' }],
  isPublicAddress: () => false,
});
/** A person wrote these addresses into the settings, so they may be of this machine. */
const grants = createGrants({
  manifest: {},
  consent: consentToAll({}),
  folders: { home: '/home' },
  endpoints: { api: `http://127.0.0.1:${port}`, other: `http://localhost:${port}`, odd: 'file:///etc', number: 7 },
});
const ask = (path: string, more: object = {}, signal = new AbortController().signal) =>
  requestHttp(
    { method: 'GET', url: `http://127.0.0.1:${port}${path}`, credit_bytes: 1, ...more },
    Buffer.from('body'),
    {
      grants,
      send,
      signal,
    },
  );

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('an address of a person’s own is asked, with what the plugin sends', async () => {
  const { status, headers, body } = await ask('/', { method: 'POST', headers: [['X-B', '2']] });
  expect([status, await textOf(body)]).toEqual([200, 'hello']);
  expect(headers.find(([name]) => name === 'x-a')).toEqual(['x-a', '1']);
  expect(seen.at(-1)).toMatchObject({
    method: 'POST',
    headers: { 'x-b': '2', 'content-length': '4', host: `127.0.0.1:${port}` },
  });
});

test('a redirect to another origin loses what was secret, and keeps its method where it has to', async () => {
  const { url } = await ask('/away', {
    method: 'POST',
    headers: [
      ['authorization', 'Bearer x'],
      ['x-b', '2'],
    ],
  });
  expect(url).toBe(`http://localhost:${port}/there`);
  expect(seen.at(-1)?.method).toBe('POST');
  expect(seen.at(-1)?.headers).not.toHaveProperty('authorization');
  expect(seen.at(-1)?.headers).toHaveProperty('x-b', '2');
});

test('what was posted is asked for after a 303', async () => {
  await ask('/posted', { method: 'POST', headers: [['content-type', 'text/plain']] });
  expect(seen.at(-1)).toMatchObject({ method: 'GET', url: '/got', headers: { 'content-length': '0' } });
  expect(seen.at(-1)?.headers).not.toHaveProperty('content-type');
});

test('a redirect that never ends, and one that is wanted as it is', async () => {
  await expect(ask('/loop')).rejects.toMatchObject({ data: { code: 'too_many_redirects' } });
  expect((await ask('/away', { redirect: 'manual' })).status).toBe(307);
});

test('what is not granted is not asked', async () => {
  const before = seen.length;
  const url = `http://127.0.0.2:${port}/`;
  await expect(ask('/', { url })).rejects.toMatchObject({ data: { code: 'not_granted' } });
  expect(seen).toHaveLength(before);
});

test('an upstream that begins and does not go on ends with the time that was given', async () => {
  const { body } = await ask('/slow', {}, AbortSignal.timeout(200));
  await expect(textOf(body)).rejects.toMatchObject({ data: { code: 'timeout' } });
});

test('whether something was sent before it failed is told apart', async () => {
  await expect(ask('/cut', { method: 'POST' })).rejects.toMatchObject({ data: { code: 'cut_off' } });
  const closed = createServer();
  closed.listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const at = closed.address();
  const url = new URL(`http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}/`);
  await new Promise((resolve) => closed.close(resolve));
  const sending = { method: 'POST', url, headers: [], body: Buffer.from('body'), mayBePrivate: true };
  const { signal } = new AbortController();
  await expect(send({ ...sending, signal })).rejects.toMatchObject({ data: { code: 'unreachable' } });
  // Nobody has accepted, when the time is over.
  await expect(send({ ...sending, signal: AbortSignal.abort() })).rejects.toMatchObject({
    data: { code: 'unreachable' },
  });
});
