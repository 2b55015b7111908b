import { connect } from 'node:net';
import { problemSchema } from '@proxycast/console-api';
import { GatewayError, StorageError, UpstreamError } from '@proxycast/spec';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ADMIN_TOKEN,
  type AdminApiUnderTest,
  presetProvider,
  readField,
  START,
  startAdminApi,
} from './testing/admin-api-under-test.ts';

const V1 = '/api/admin/v1';
const BEARER = { authorization: `Bearer ${ADMIN_TOKEN}` };

// Before any admin API is made.
const GLOBALS_BEFORE = [globalThis.Request, globalThis.Response];

let api: AdminApiUnderTest;
beforeEach(async () => {
  api = await startAdminApi();
});
afterEach(() => api.stop());

function codeOf(json: unknown): string {
  return problemSchema.parse(json).error.code;
}
const pathOf = (path: string) => path.replaceAll(/\{\w+\}/g, 'some-id');

test('the routes are those of the contract', () => {
  expect(api.routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    [
      'GET /api/admin/openapi.json',
      'GET /api/admin/v1/backups',
      'GET /api/admin/v1/doctor',
      'POST /api/admin/v1/backup',
      'POST /api/admin/v1/restore',
      `POST ${V1}/session`,
      `GET ${V1}/session`,
      `DELETE ${V1}/session`,
      `GET ${V1}/client-keys`,
      `POST ${V1}/client-keys`,
      `GET ${V1}/client-keys/{id}`,
      `PATCH ${V1}/client-keys/{id}`,
      `DELETE ${V1}/client-keys/{id}`,
      `GET ${V1}/providers`,
      `POST ${V1}/providers`,
      `GET ${V1}/providers/{id}`,
      `PATCH ${V1}/providers/{id}`,
      `DELETE ${V1}/providers/{id}`,
      `POST ${V1}/providers/{id}/test`,
      `GET ${V1}/providers/{id}/models`,
      `GET ${V1}/providers/{id}/keys`,
      `POST ${V1}/providers/{id}/keys`,
      `PATCH ${V1}/providers/{id}/keys/{keyId}`,
      `POST ${V1}/providers/{id}/keys/{keyId}/reset`,
      `DELETE ${V1}/providers/{id}/keys/{keyId}`,
      `GET ${V1}/routes`,
      `POST ${V1}/routes`,
      `POST ${V1}/routes/test`,
      `PATCH ${V1}/routes/{id}`,
      `DELETE ${V1}/routes/{id}`,
      `GET ${V1}/settings`,
      `PATCH ${V1}/settings`,
      `GET ${V1}/requests`,
      `GET ${V1}/requests/{id}`,
      `GET ${V1}/plugins`,
      `GET ${V1}/plugin-boundary`,
      `POST ${V1}/plugins/inspect`,
      `POST ${V1}/plugins/install`,
      `GET ${V1}/plugins/{name}`,
      `DELETE ${V1}/plugins/{name}`,
      `POST ${V1}/plugins/{name}/enable`,
      `POST ${V1}/plugins/{name}/disable`,
      `POST ${V1}/plugins/{name}/verify`,
      `GET ${V1}/plugins/{name}/config`,
      `PUT ${V1}/plugins/{name}/config`,
      `GET ${V1}/plugins/{name}/credentials`,
      `POST ${V1}/plugins/{name}/credentials`,
      `GET ${V1}/plugins/{name}/credentials/{id}`,
      `PATCH ${V1}/plugins/{name}/credentials/{id}`,
      `DELETE ${V1}/plugins/{name}/credentials/{id}`,
      `POST ${V1}/plugins/{name}/credentials/{id}/enable`,
      `POST ${V1}/plugins/{name}/credentials/{id}/disable`,
      `POST ${V1}/plugins/{name}/credentials/{id}/reset`,
      `POST ${V1}/plugins/{name}/credentials/{id}/validate`,
      `POST ${V1}/plugins/{name}/credentials/{id}/refresh`,
    ].sort(),
  );
});

describe('every route', () => {
  test('only the login answers without an identity', async () => {
    const open: string[] = [];
    for (const { method, path } of api.routes) {
      const answered = await api.send({ method, path: pathOf(path), body: method === 'GET' ? undefined : {} });
      if (answered.status === 401) expect(codeOf(answered.json)).toBe('not_logged_in');
      else open.push(`${method} ${path}`);
    }
    expect(open).toEqual([`POST ${V1}/session`]);
  });

  test('refuses a wrong token, a token in another scheme and a cookie nobody was given', async () => {
    const cookie = `proxycast_session_${api.port}=${'A'.repeat(43)}`;
    for (const { method, path, auth } of api.routes) {
      if (auth === 'none') continue;
      for (const headers of [
        { authorization: 'Bearer wrong' },
        { authorization: `Basic ${ADMIN_TOKEN}` },
        { cookie },
      ]) {
        const answered = await api.send({ method, path: pathOf(path), headers });
        expect(answered.status, `${method} ${path}`).toBe(401);
      }
    }
  });

  test('refuses a foreign host', async () => {
    for (const { method, path } of api.routes) {
      const answered = await api.send({ method, path: pathOf(path), headers: { ...BEARER, host: 'evil.example' } });
      expect([answered.status, codeOf(answered.json)], `${method} ${path}`).toEqual([403, 'host_not_allowed']);
    }
  });

  test('refuses a foreign origin where it changes something', async () => {
    for (const { method, path } of api.routes.filter((route) => route.method !== 'GET')) {
      const answered = await api.send({
        method,
        path: pathOf(path),
        headers: { ...BEARER, origin: 'https://evil.example' },
      });
      expect([answered.status, codeOf(answered.json)], `${method} ${path}`).toEqual([403, 'foreign_origin']);
    }
  });

  test('wants the CSRF token of the session where it changes something, and only there', async () => {
    const { cookie, csrfToken } = await api.logIn();
    for (const { method, path, auth } of api.routes) {
      if (auth === 'none') continue;
      for (const headers of [{ cookie }, { cookie, 'x-csrf-token': `${csrfToken}x` }]) {
        const answered = await api.send({ method, path: pathOf(path), headers });
        if (method === 'GET') expect(answered.status, path).not.toBe(403);
        else expect([answered.status, codeOf(answered.json)], path).toEqual([403, 'csrf_token_wrong']);
      }
    }
  });

  test('refuses an unknown query parameter by its name', async () => {
    for (const { method, path, auth } of api.routes) {
      if (auth === 'none') continue;
      const answered = await api.send({ method, path: `${pathOf(path)}?colour=red`, headers: BEARER });
      expect(problemSchema.parse(answered.json).error, path).toMatchObject({ code: 'unknown_field', field: 'colour' });
    }
  });

  test('that takes a body refuses an unknown field by its name, a wrong type, and what is no JSON', async () => {
    for (const { method, path } of api.routes.filter((route) => route.hasBody)) {
      const send = (body: unknown) => api.send({ method, path: pathOf(path), headers: BEARER, body });
      const unknownField = await send({ colour: 'red' });
      expect(unknownField.status, path).toBe(400);
      expect(problemSchema.parse(unknownField.json).error, path).toMatchObject({
        code: 'unknown_field',
        field: 'colour',
      });
      for (const body of ['[]', '"text"', 'null', '7']) {
        expect([(await send(body)).status, codeOf((await send(body)).json)], path).toEqual([400, 'invalid_request']);
      }
      for (const body of ['{', '{"a":1}}', "{'a':1}"]) {
        expect([(await send(body)).status, codeOf((await send(body)).json)], path).toEqual([400, 'invalid_json']);
      }
    }
  });

  test('answers 404 for an id that no row has and for one that no row can have', async () => {
    await api.routes.reduce(async (before, { method, path, params, body, hasBody }) => {
      await before;
      if (Object.keys(params.shape).length === 0) return;
      // The smallest body that is right, so that the id is what is wrong.
      const bodies = [{}, { key: 'sk-1' }, { auth_type: 'token', config: {} }];
      const valid = bodies.find((candidate) => body.safeParse(candidate).success);
      for (const id of ['missing', '%20', 'a%2Fb', '..%2f..%2fetc', 'x'.repeat(129)]) {
        const answered = await api.send({
          method,
          path: path.replaceAll(/\{\w+\}/g, id),
          headers: BEARER,
          body: hasBody ? valid : undefined,
        });
        expect([answered.status, codeOf(answered.json)], `${method} ${path} ${id}`).toEqual([404, 'not_found']);
      }
    }, Promise.resolve());
  });

  test('carries headers that keep it out of caches, frames and other types', async () => {
    for (const headers of [BEARER, {}]) {
      const answered = await api.send({ path: `${V1}/settings`, headers });
      expect(answered.headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'content-type': 'application/json; charset=utf-8',
        'x-content-type-options': 'nosniff',
      });
      expect(answered.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });
});

test.each(['localhost', 'LOCALHOST:8999', '127.0.0.1', '127.0.0.1:1', '[::1]', '[::1]:8999', 'gateway.lan:80'])(
  'the host %s may ask',
  async (host) => {
    expect((await api.send({ path: `${V1}/settings`, headers: { ...BEARER, host } })).status).toBe(200);
  },
);

test.each([
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'localhost.',
  '127.0.0.999',
  '[::zz]',
  'gateway.lan.evil.example',
  'user@localhost',
  'localhost:8999:1',
  'localhost:port',
  '2130706433',
])('the host %s may not ask', async (host) => {
  const answered = await api.send({ path: `${V1}/settings`, headers: { ...BEARER, host } });
  expect(answered.status).toBeGreaterThanOrEqual(400);
  expect(['host_not_allowed', 'invalid_url']).toContain(codeOf(answered.json));
});

test('two Host headers, or none, are refused', async () => {
  for (const hosts of ['Host: localhost\r\nHost: evil.example\r\n', '']) {
    const text = await sendRaw(`GET ${V1}/settings HTTP/1.0\r\n${hosts}Authorization: ${BEARER.authorization}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 40[03] /);
  }
});

test('a request target with a foreign authority is still judged by its Host', async () => {
  const text = await sendRaw(
    `GET http://localhost${V1}/settings HTTP/1.1\r\nHost: evil.example\r\nAuthorization: ${BEARER.authorization}\r\nConnection: close\r\n\r\n`,
  );
  expect(text).toContain('host_not_allowed');
});

function sendRaw(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(api.port, '127.0.0.1', () => socket.end(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

test.each([
  ['http://localhost:8999', 201],
  ['https://localhost:8999', 201],
  ['http://localhost:9000', 403],
  ['http://127.0.0.1:8999', 403],
  ['http://localhost', 403],
  ['null', 403],
  ['', 403],
  ['file://', 403],
  ['https://evil.example', 403],
  ['http://localhost:8999.evil.example', 403],
  ['chrome-extension://localhost:8999', 403],
])('an origin %j on the host localhost:8999 gets %i', async (origin, status) => {
  const answered = await api.send({
    method: 'POST',
    path: `${V1}/client-keys`,
    headers: { ...BEARER, host: 'localhost:8999', origin },
    body: {},
  });
  expect(answered.status).toBe(status);
});

test.each([
  ['same-origin', 200],
  ['none', 200],
  ['same-site', 403],
  ['cross-site', 403],
])('sec-fetch-site %s gets %i, reading too', async (site, status) => {
  const answered = await api.send({ path: `${V1}/settings`, headers: { ...BEARER, 'sec-fetch-site': site } });
  expect(answered.status).toBe(status);
});

describe('a session', () => {
  test('is opened with the admin token, works with its cookie and CSRF token, and ends at logout', async () => {
    const { cookie, csrfToken } = await api.logIn();
    const create = { method: 'POST', path: `${V1}/client-keys`, body: {} };
    const withSession = { cookie, 'x-csrf-token': csrfToken };
    expect((await api.send({ ...create, headers: withSession })).status).toBe(201);
    expect((await api.send({ path: `${V1}/session`, headers: { cookie } })).json).toEqual({
      type: 'session',
      csrf_token: csrfToken,
      expires_at: START + 7 * 24 * 60 * 60 * 1000,
    });
    const closed = await api.send({ method: 'DELETE', path: `${V1}/session`, headers: withSession });
    expect(closed.status).toBe(204);
    expect(closed.headers['set-cookie']?.[0]).toContain('Max-Age=0');
    const afterwards = await api.send({ ...create, headers: withSession });
    expect([afterwards.status, codeOf(afterwards.json)]).toEqual([401, 'session_ended']);
  });

  test('has a cookie that scripts and other sites cannot use', async () => {
    const answered = await api.send({ method: 'POST', path: `${V1}/session`, body: { admin_token: ADMIN_TOKEN } });
    expect(answered.headers['set-cookie']).toEqual([
      expect.stringMatching(/^proxycast_session_\d+=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect(answered.text).not.toContain(answered.headers['set-cookie']?.[0]?.split(/[=;]/)[1]);
  });

  test('ends with its life', async () => {
    const { cookie } = await api.logIn();
    api.advance(7 * 24 * 60 * 60 * 1000);
    expect((await api.send({ path: `${V1}/session`, headers: { cookie } })).status).toBe(401);
  });

  test('ends when its browser logs in again', async () => {
    const { cookie } = await api.logIn();
    await api.send({ method: 'POST', path: `${V1}/session`, headers: { cookie }, body: { admin_token: ADMIN_TOKEN } });
    expect((await api.send({ path: `${V1}/session`, headers: { cookie } })).status).toBe(401);
  });

  test('is opened once by a one-time link, within ten minutes', async () => {
    const redeem = (token: string) =>
      api.send({ method: 'POST', path: `${V1}/session`, body: { one_time_token: token } });
    const { token } = api.sessions.createLoginLink();
    expect((await redeem(token)).status).toBe(201);
    const again = await redeem(token);
    expect([again.status, codeOf(again.json)]).toEqual([401, 'wrong_token']);
    const late = api.sessions.createLoginLink();
    api.advance(10 * 60 * 1000);
    expect((await redeem(late.token)).status).toBe(401);
  });

  test.each([{}, { admin_token: 'a', one_time_token: 'b' }, { admin_token: 7 }, { admin_token: '' }])(
    'is not opened by %j',
    async (body) => {
      expect((await api.send({ method: 'POST', path: `${V1}/session`, body })).status).toBe(400);
    },
  );

  test('is not seen by a request with a bearer token', async () => {
    const { cookie } = await api.logIn();
    const answered = await api.send({ path: `${V1}/session`, headers: { ...BEARER, cookie } });
    expect(answered.json).toEqual({ type: 'token', csrf_token: null, expires_at: null });
    const wrong = await api.send({ path: `${V1}/session`, headers: { authorization: 'Bearer wrong', cookie } });
    expect(wrong.status).toBe(401);
  });
});

test('ten wrong logins make the next one wait, right or wrong, while open sessions and tokens go on', async () => {
  const { cookie } = await api.logIn();
  const login = (token: string) => api.send({ method: 'POST', path: `${V1}/session`, body: { admin_token: token } });
  for (let count = 0; count < 10; count += 1) expect((await login('wrong')).status).toBe(401);
  const refused = await login(ADMIN_TOKEN);
  expect([refused.status, codeOf(refused.json), refused.headers['retry-after']]).toEqual([429, 'too_many_logins', '6']);
  expect((await api.send({ path: `${V1}/session`, headers: { cookie } })).status).toBe(200);
  expect((await api.send({ path: `${V1}/session`, headers: BEARER })).status).toBe(200);
  api.advance(6_000);
  expect((await login(ADMIN_TOKEN)).status).toBe(201);
});

test('a program that keeps sending a wrong bearer token has to wait as well', async () => {
  const headers = { authorization: 'Bearer wrong' };
  for (let count = 0; count < 120; count += 1) {
    expect((await api.send({ path: `${V1}/session`, headers })).status).toBe(401);
  }
  expect((await api.send({ path: `${V1}/session`, headers })).status).toBe(429);
  api.advance(1_000);
  expect((await api.send({ path: `${V1}/session`, headers: BEARER })).status).toBe(200);
});

test('an unknown path and a wrong method tell nothing without an identity', async () => {
  for (const path of [`${V1}/nothing`, '/api/admin', `${V1}/settings/`, `${V1}/providers/x/keys/y/z`]) {
    expect((await api.send({ path })).status).toBe(401);
    expect((await api.send({ path, headers: BEARER })).status).toBe(404);
  }
  expect((await api.send({ method: 'PUT', path: `${V1}/settings` })).status).toBe(401);
  const answered = await api.send({ method: 'PUT', path: `${V1}/settings`, headers: BEARER });
  expect([answered.status, answered.headers.allow]).toEqual([405, 'GET, PATCH']);
  expect((await api.send({ method: 'OPTIONS', path: `${V1}/settings` })).status).toBe(401);
});

test('HEAD answers as GET does, without a body', async () => {
  const answered = await api.send({ method: 'HEAD', path: `${V1}/settings`, headers: BEARER });
  expect([answered.status, answered.text]).toEqual([200, '']);
});

describe('a body', () => {
  const post = (body: string, headers: Readonly<Record<string, string>> = {}) =>
    api.send({ method: 'POST', path: `${V1}/client-keys`, headers: { ...BEARER, ...headers }, body });

  test.each([1_048_577, 8_000_000])('of %i bytes is refused, with a length and without', async (size) => {
    const body = `{"name":"${'x'.repeat(size - 11)}"}`;
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const answered = await post(body, headers);
      expect([answered.status, codeOf(answered.json)]).toEqual([413, 'request_too_large']);
    }
  });

  test('of exactly 1 MiB is read', async () => {
    const answered = await post(`{"name":"${'x'.repeat(1_048_576 - 11)}"}`);
    expect([answered.status, codeOf(answered.json)]).toEqual([400, 'invalid_request']);
  });

  test('that is not asked for is not read before the identity is known', async () => {
    const answered = await api.send({ method: 'POST', path: `${V1}/client-keys`, body: 'x'.repeat(1_100_000) });
    expect(answered.status).toBe(401);
  });

  test('nested too deep is refused', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const answered = await post(`{"default_parameters":{"a":${deep}}}`);
    expect([answered.status, codeOf(answered.json)]).toEqual([400, 'invalid_json']);
  });

  test('with bytes that are no UTF-8 is refused', async () => {
    const head = `POST ${V1}/client-keys HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${BEARER.authorization}\r\n`;
    const body = Buffer.from('{"name":"\xff"}', 'latin1');
    const text = await sendRaw(
      Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`), body]),
    );
    expect(text).toContain('invalid_json');
  });

  test('is never quoted in a fault', async () => {
    const secret = 'sk-very-secret';
    await api.providers.insert(presetProvider('groq'));
    const answers = await Promise.all([
      post(`{"name": ${secret}`),
      api.call('POST', '/providers/groq/keys', { key: `${secret} with a space` }),
      api.call('POST', '/providers/groq/keys', { key: [secret] }),
      api.call('PATCH', '/providers/groq', { api_host: `https://user:${secret}@host.example` }),
      api.call('PATCH', '/providers/groq', { api_host: `https://host.example/?key=${secret}` }),
    ]);
    for (const answered of answers) {
      expect(answered.status).toBe(400);
      expect(answered.text).not.toContain(secret);
    }
    expect(JSON.stringify(api.logged)).not.toContain(secret);
  });
});

test('the gateway has the new configuration before the answer to a write leaves', async () => {
  let release = () => {};
  const isApplied = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  await api.stop();
  api = await startAdminApi({
    onConfigChanged: () => {
      isAsked();
      return isApplied;
    },
  });
  let isAnswered = false;
  const answered = api.call('POST', '/client-keys', {}).then((answer) => {
    isAnswered = true;
    return answer;
  });
  await asked;
  // Another request makes the whole way there and back while the write waits.
  await api.call('GET', '/client-keys');
  expect(isAnswered).toBe(false);
  release();
  expect((await answered).status).toBe(201);
});

test('reading, testing and refused writes leave the configuration alone; each write renews it once', async () => {
  await api.providers.insert(presetProvider('groq'));
  await api.call('GET', '/providers');
  await api.call('POST', '/providers/groq/test');
  await api.call('POST', '/routes/test', { model: 'm', protocol: 'openai' });
  await api.call('POST', '/client-keys', { colour: 1 });
  await api.call('DELETE', '/providers/groq');
  expect(api.configChanges()).toBe(0);
  await api.call('PATCH', '/providers/groq', { name: 'Groq' });
  await api.call('PATCH', '/settings', {});
  expect(api.configChanges()).toBe(2);
});

test('a write that is stored but not applied says so', async () => {
  await api.stop();
  api = await startAdminApi({ onConfigChanged: () => Promise.reject(new Error('secret detail')) });
  const answered = await api.call('POST', '/client-keys', {});
  expect([answered.status, codeOf(answered.json)]).toEqual([500, 'config_not_applied']);
  expect(answered.text).not.toContain('secret detail');
  expect(await api.clientKeys.list()).toHaveLength(1);
});

test.each([
  [new Error('secret detail'), 500, 'internal_error'],
  [new StorageError({ code: 'storage_full', message: 'The disk is full.' }), 503, 'storage_full'],
  [new GatewayError({ code: 'closing', kind: 'unavailable', message: 'Closing.' }), 503, 'closing'],
  [new UpstreamError({ code: 'bad_key', kind: 'authentication', message: 'The key is wrong.' }), 502, 'bad_key'],
  [new UpstreamError({ code: 'slow', kind: 'timeout', message: 'Too slow.' }), 504, 'slow'],
])('%s becomes %i', async (error, status, code) => {
  await api.stop();
  api = await startAdminApi({ listProviderModels: () => Promise.reject(error) });
  await api.providers.insert(presetProvider('groq'));
  const answered = await api.call('GET', '/providers/groq/models');
  expect([answered.status, codeOf(answered.json)]).toEqual([status, code]);
  expect(answered.text).not.toContain('secret detail');
});

test('every change is logged with who made it, and no secret is', async () => {
  await api.providers.insert(presetProvider('groq'));
  const { json } = await api.call('POST', '/client-keys', {});
  await api.call('POST', '/providers/groq/keys', { key: 'sk-very-secret' });
  const { cookie, csrfToken } = await api.logIn();
  await api.send({
    method: 'DELETE',
    path: `${V1}/providers/groq/keys/id-2`,
    headers: { cookie, 'x-csrf-token': csrfToken },
  });
  expect(api.logged).toMatchObject([
    { level: 'info', operation: 'createClientKey', by: 'token' },
    { level: 'info', operation: 'createApiKey', path: `${V1}/providers/groq/keys`, by: 'token' },
    { level: 'info', operation: 'openSession' },
    { level: 'info', operation: 'deleteApiKey', by: 'session' },
  ]);
  const text = JSON.stringify(api.logged);
  for (const secret of [String(readField(json, 'key')), 'sk-very-secret', ADMIN_TOKEN, csrfToken, cookie]) {
    expect(text).not.toContain(secret);
  }
});

test('a client that leaves in the middle of its body leaves nothing behind', async () => {
  await new Promise<void>((resolve) => {
    const socket = connect(api.port, '127.0.0.1', () => {
      socket.write(
        `POST ${V1}/client-keys HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${BEARER.authorization}\r\nContent-Length: 100\r\n\r\n{"name"`,
        () => socket.destroy(),
      );
    });
    socket.on('close', () => resolve());
  });
  expect((await api.call('GET', '/client-keys')).json).toEqual({ items: [], next_cursor: null });
});

test('the runtime’s own Request and Response stay as they were', () => {
  expect([globalThis.Request, globalThis.Response]).toEqual(GLOBALS_BEFORE);
});
