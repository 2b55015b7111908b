import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer } from './start-server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxycast-start-server-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A program that shows what it was given. */
async function script(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const ECHO = `
import { createServer } from 'node:http';
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  response.end(JSON.stringify({ url: request.url, authorization: request.headers.authorization, body, env: process.env }));
});
server.listen(0, '127.0.0.1', () => console.log('Listening on http://127.0.0.1:' + server.address().port));
process.on('SIGTERM', () => { console.log('stopping'); server.close(); server.closeAllConnections(); });
`;

test('a server is started on a free port with an empty home, asked things, and stopped', async () => {
  const server = await startServer({
    entry: await script('echo.mjs', ECHO),
    env: { PROXYCAST_LOG_LEVEL: 'warn', PROXYCAST_HOST: undefined },
  });
  expect(server.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(existsSync(server.home)).toBe(true);
  const answer = await server.adminFetch('/providers', { method: 'POST', body: { name: 'x' } });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    url: '/api/admin/v1/providers',
    authorization: `Bearer ${server.adminToken}`,
    body: '{"name":"x"}',
    env: {
      HOME: server.home,
      PROXYCAST_HOME: join(server.home, '.proxycast'),
      PROXYCAST_PORT: '0',
      PROXYCAST_API_KEY: server.clientKey,
      PROXYCAST_LOG_LEVEL: 'warn',
    },
  });
  const { env } = Object.assign({ env: {} }, answer.body);
  expect(
    Object.keys(env).filter((name) => !['PATH', 'HOME', 'TMPDIR'].includes(name) && !name.startsWith('PROXYCAST_')),
  ).toEqual([]);
  expect(env).not.toHaveProperty('PROXYCAST_HOST');
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(server.logs()).toContain('stopping');
  expect(existsSync(server.home)).toBe(false);
});

test('a server that ends before it listens is an error with what it printed', async () => {
  const entry = await script('fails.mjs', `console.error('PROXYCAST_PORT is no port'); process.exit(3);`);
  await expect(startServer({ entry })).rejects.toThrow(
    /ended \(3\) before it listened[\s\S]*PROXYCAST_PORT is no port/,
  );
});

test('a home of one’s own is kept', async () => {
  const home = await mkdtemp(join(folder, 'home-'));
  await using server = await startServer({ entry: await script('kept.mjs', ECHO), home });
  expect(server.home).toBe(home);
  await server.stop();
  expect(existsSync(home)).toBe(true);
});

test('a missing build says what to do', async () => {
  await expect(startServer({ entry: join(folder, 'nothing.js') })).rejects.toThrow('Build the server first');
});
