import { once } from 'node:events';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { openLoginCallback } from './open-login-callback.ts';

const PAGE = { title: 'Done <b>', text: 'You may close this page.' };

async function open(ports: readonly number[] = [0], isOver = true) {
  const queries: string[] = [];
  const callback = await openLoginCallback({
    callback: { ports, path: '/oauth/callback' },
    onQuery: async (query) => {
      queries.push(query);
      return { isOver, page: PAGE };
    },
  });
  if (callback === undefined) throw new Error('No port was free.');
  return Object.assign(callback, { queries });
}

function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    }).on('error', reject);
  });
}

test('the browser comes back, is told, and after that nobody is heard', async () => {
  await using callback = await open();
  expect(callback.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/);
  const { status, text } = await ask(`${callback.url}?code=a%2Fb&state=s`);
  expect([status, text.includes('Done &lt;b&gt;')]).toEqual([200, true]);
  expect(callback.queries).toEqual(['code=a%2Fb&state=s']);
  await expect(ask(`${callback.url}?code=again`)).rejects.toThrow();
});

test('an answer that ends nothing leaves it open', async () => {
  await using callback = await open([0], false);
  await ask(`${callback.url}?code=evil`);
  await ask(`${callback.url}?code=good`);
  expect(callback.queries).toEqual(['code=evil', 'code=good']);
});

test.each([
  { what: 'another path', change: (url: string) => url.replace('/oauth/callback', '/other'), headers: {} },
  { what: 'another name that leads here', change: (url: string) => url, headers: { host: 'evil.example.com' } },
  { what: 'a query without an end', change: (url: string) => `${url}?${'x'.repeat(15_990)}&y=1234567890`, headers: {} },
])('$what is not heard', async ({ change, headers }) => {
  await using callback = await open();
  expect((await ask(change(callback.url), headers)).status).toBe(404);
  expect(callback.queries).toEqual([]);
});

test('a port that is taken is passed over; with none left a code is pasted', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await using callback = await open([port, 0]);
  expect(callback.url).not.toContain(`:${port}/`);
  const none = await openLoginCallback({
    callback: { ports: [port], path: '/cb' },
    onQuery: async () => ({ isOver: true, page: PAGE }),
  });
  expect(none).toBeUndefined();
  taken.close();
});
