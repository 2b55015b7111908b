import { createAdminApi } from '@proxycast/admin-api';
import { anthropicMessages } from '@proxycast/protocol-anthropic-messages';
import { gemini } from '@proxycast/protocol-gemini';
import { openaiChat } from '@proxycast/protocol-openai-chat';
import { openaiResponses } from '@proxycast/protocol-openai-responses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';

let app: AppUnderTest;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

interface Route {
  readonly method: string;
  readonly path: string;
}

const fill = (path: string): string => path.replace(/\{[^}]+\}/g, 'some-name');

const protocolRoutes: readonly Route[] = [openaiChat, openaiResponses, anthropicMessages, gemini].flatMap(
  ({ endpoints, models }) => [
    ...endpoints.map(({ method, path }) => ({ method, path: fill(path) })),
    ...(models?.paths ?? []).flatMap((path) => [
      { method: 'GET', path },
      { method: 'GET', path: `${path}/some-name` },
    ]),
  ],
);

const GATEWAY_ROUTES: readonly Route[] = [
  ...protocolRoutes,
  ...protocolRoutes.map(({ method, path }) => ({ method, path: `/api/provider/some-name${path}` })),
];

const OPERATION_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/ready' },
  { method: 'GET', path: '/metrics' },
];

/** Routes that answer without identity, each with its reason. */
const OPEN: ReadonlySet<string> = new Set([
  // Says that the process lives, and nothing else.
  'GET /health',
  // This is how one gets an identity; it is throttled.
  'POST /api/admin/v1/session',
]);

function adminRoutes(): readonly Route[] {
  const never = (): never => {
    throw new Error('not called');
  };
  const ports = new Proxy({}, { get: () => never }) as unknown as Parameters<typeof createAdminApi>[0];
  return createAdminApi(ports).routes.map(({ method, path }) => ({ method, path: fill(path) }));
}

async function send({ method, path }: Route, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(app.baseUrl + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: '{}' }),
  });
}

const WRONG_KEYS: readonly Readonly<Record<string, string>>[] = [
  {},
  { authorization: 'Bearer wrong' },
  { 'x-api-key': 'wrong' },
  { 'x-goog-api-key': 'wrong' },
  { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1' },
  { cookie: 'session=wrong; proxycast_session=wrong' },
];

describe('every route refuses those who are not known', () => {
  const routes = [...GATEWAY_ROUTES, ...OPERATION_ROUTES, ...adminRoutes()];

  test('there are routes to try', () => {
    expect(GATEWAY_ROUTES.length).toBeGreaterThan(50);
    expect(adminRoutes().length).toBeGreaterThan(20);
  });

  test.each(routes.filter(({ method, path }) => !OPEN.has(`${method} ${path}`)))('$method $path', async (route) => {
    for (const headers of WRONG_KEYS) {
      const response = await send(route, headers);
      // Too many wrong tokens are answered with "wait", which is a refusal as well.
      expect([401, 429], `${JSON.stringify(headers)}`).toContain(response.status);
      expect(await response.text()).not.toContain('"items"');
    }
  });

  test('the keys of one plane do not open the other', async () => {
    expect(
      (await send({ method: 'GET', path: '/api/admin/v1/providers' }, { authorization: `Bearer ${CLIENT_KEY}` }))
        .status,
    ).toBeGreaterThanOrEqual(401);
    expect((await send({ method: 'GET', path: '/v1/models' }, { authorization: `Bearer ${ADMIN_TOKEN}` })).status).toBe(
      401,
    );
  });
});

test('a path that is none is refused like any other without a key, and is 404 with one', async () => {
  const unknown = { method: 'GET', path: '/v1/nothing-here' };
  expect((await send(unknown)).status).toBe(401);
  expect((await send(unknown, { authorization: `Bearer ${CLIENT_KEY}` })).status).toBe(404);
});

test('a wrong method names the right ones', async () => {
  const response = await send(
    { method: 'GET', path: '/v1/chat/completions' },
    { authorization: `Bearer ${CLIENT_KEY}` },
  );
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
});

test('a foreign Host is refused on every plane but /health', async () => {
  const { request } = await import('node:http');
  const statusOf = (path: string, authorization: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const url = new URL(path, app.baseUrl);
      request(url, { headers: { host: 'evil.example', authorization } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
  expect(await statusOf('/v1/models', `Bearer ${CLIENT_KEY}`)).toBe(403);
  expect(await statusOf('/api/admin/v1/providers', `Bearer ${ADMIN_TOKEN}`)).toBe(403);
  expect(await statusOf('/health', '')).toBe(200);
});

test('health, readiness and metrics answer those who are known', async () => {
  expect(await (await send({ method: 'GET', path: '/health' })).json()).toMatchObject({ status: 'ok' });
  for (const token of [ADMIN_TOKEN, CLIENT_KEY]) {
    const headers = { authorization: `Bearer ${token}` };
    expect((await send({ method: 'GET', path: '/ready' }, headers)).status).toBe(200);
    expect(await (await send({ method: 'GET', path: '/metrics' }, headers)).text()).toContain(
      'proxycast_requests_in_flight',
    );
  }
});
