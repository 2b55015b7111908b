import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request as sendRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createPage, PAGE_FILES } from './answer-page.ts';

const FOLDER = new URL('../../page/', import.meta.url);
const stops: (() => void)[] = [];

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

test('the page is what the folder holds, and nothing else', () => {
  const shipped = readdirSync(FOLDER).filter((name) => !name.endsWith('.test.ts'));
  expect([...PAGE_FILES].toSorted()).toEqual(shipped.toSorted());
});

test.each([
  ['/', 'text/html; charset=utf-8', 'index.html'],
  ['/?from=bookmark', 'text/html; charset=utf-8', 'index.html'],
  ['/page/index.html', 'text/html; charset=utf-8', 'index.html'],
  ['/page/main.js', 'text/javascript; charset=utf-8', 'main.js'],
  ['/page/style.css', 'text/css; charset=utf-8', 'style.css'],
  ['/page/words.zh-CN.json', 'application/json; charset=utf-8', 'words.zh-CN.json'],
  ['/page/icon.svg', 'image/svg+xml', 'icon.svg'],
])('%s answers %s from %s', async (path, type, name) => {
  const send = await start();
  const answered = await send({ path });
  expect(answered).toMatchObject({ status: 200, body: readFileSync(new URL(name, FOLDER), 'utf8') });
  expect(answered.headers['content-type']).toBe(type);
});

test('every answer forbids what the page does not need', async () => {
  const send = await start();
  for (const path of ['/', '/console', ...PAGE_FILES.map((name) => `/page/${name}`)]) {
    const { headers } = await send({ path });
    expect(headers, path).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    });
  }
});

test('/console leads to the page', async () => {
  const send = await start();
  expect(await send({ path: '/console' })).toMatchObject({ status: 307, headers: { location: '/' } });
});

test('a file that the browser has already is not sent again', async () => {
  const send = await start();
  const { etag = '' } = (await send({ path: '/page/main.js' })).headers;
  expect(etag).toMatch(/^"[\w-]{43}"$/);
  for (const header of [etag, `W/${etag}`, `"other", ${etag}`]) {
    expect(await send({ path: '/page/main.js', headers: { 'if-none-match': header } })).toMatchObject({
      status: 304,
      body: '',
    });
  }
  expect((await send({ path: '/page/words.js', headers: { 'if-none-match': etag } })).status).toBe(200);
});

test('HEAD answers the head alone', async () => {
  const send = await start();
  const answered = await send({ method: 'HEAD', path: '/' });
  expect(answered).toMatchObject({ status: 200, body: '' });
  expect(Number(answered.headers['content-length'])).toBe(readFileSync(new URL('index.html', FOLDER)).length);
});

test.each([
  ['GET', '/v1/models'],
  ['GET', '/page/'],
  ['GET', '/page/words.test.ts'],
  ['GET', '/page/../package.json'],
  ['GET', '/page/..%2fpackage.json'],
  ['GET', '/page/%2e%2e/package.json'],
  ['GET', '/page/toString'],
  ['GET', '//page/main.js'],
  ['GET', '/index.html'],
  ['POST', '/'],
  ['DELETE', '/page/main.js'],
])('%s %s is left to others', async (method, path) => {
  const send = await start();
  expect(await send({ method, path })).toMatchObject({ status: 404, body: 'not the page' });
});

test('files that cannot be read are said to be missing, and found when they are back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'proxycast-page-'));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  const send = await start(pathToFileURL(`${folder}/`));
  expect(await send({ path: '/' })).toMatchObject({
    status: 500,
    body: expect.stringContaining('Install ProxyCast again'),
    headers: { 'cache-control': 'no-store' },
  });
  cpSync(FOLDER, folder, { recursive: true });
  expect((await send({ path: '/' })).status).toBe(200);
});

async function start(folder: URL = FOLDER) {
  const page = createPage({ folder });
  const server = createServer((request, response) => {
    if (page(request, response)) return;
    response.writeHead(404);
    response.end('not the page');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  // Not `fetch`: it would mend the paths.
  return ({
    method = 'GET',
    path,
    headers = {},
  }: {
    readonly method?: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
  }): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const request = sendRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      request.on('error', reject);
      request.end();
    });
}
