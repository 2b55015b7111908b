import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** The page's scripts have no types: they run in browsers as they are. */
const { createAdminClient } = await import(new URL('create-admin-client.js', import.meta.url).href);

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly csrfToken: string | null;
}

const sent: Sent[] = [];
const answers: Response[] = [];
const onSessionEnd = vi.fn();

beforeEach(() => {
  sent.length = 0;
  answers.length = 0;
  onSessionEnd.mockClear();
  vi.stubGlobal('fetch', async (path: string, options: RequestInit) => {
    const csrfToken = new Headers(options.headers).get('x-csrf-token');
    sent.push({ method: options.method ?? '', path: path.replace('/api/admin/v1', ''), csrfToken });
    const answer = answers.shift();
    if (answer === undefined) throw new TypeError('Failed to fetch');
    return answer;
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('the CSRF token of the session goes with what follows', async () => {
  answers.push(session('first'), new Response(null, { status: 204 }));
  const client = createAdminClient({ onSessionEnd });
  await client.logIn({ admin_token: 'x' });
  expect(await client.call('DELETE', '/providers/a')).toBeUndefined();
  expect(sent.map(({ csrfToken }) => csrfToken)).toEqual(['', 'first']);
});

test('a token of an older session is replaced once, and the request sent again', async () => {
  answers.push(session('old'), fault(403, 'csrf_token_wrong'), session('new'), Response.json({ id: 'a' }));
  const client = createAdminClient({ onSessionEnd });
  await client.findSession();
  expect(await client.call('POST', '/providers', {})).toEqual({ id: 'a' });
  expect(sent.map(({ method, path, csrfToken }) => `${method} ${path} ${csrfToken}`)).toEqual([
    'GET /session ',
    'POST /providers old',
    'GET /session old',
    'POST /providers new',
  ]);
});

test('a second refusal of the token is given up', async () => {
  answers.push(fault(403, 'csrf_token_wrong'), session('new'), fault(403, 'csrf_token_wrong'));
  const call = createAdminClient({ onSessionEnd }).call('POST', '/providers', {});
  await expect(call).rejects.toMatchObject({ code: 'csrf_token_wrong' });
  expect(sent).toHaveLength(3);
});

test('the end of a session is told, but not while logging in', async () => {
  answers.push(fault(401, 'session_ended'), fault(401, 'wrong_token'));
  const client = createAdminClient({ onSessionEnd });
  await expect(client.call('GET', '/providers')).rejects.toMatchObject({ code: 'session_ended', status: 401 });
  await expect(client.logIn({ admin_token: 'x' })).rejects.toMatchObject({ code: 'wrong_token' });
  expect(onSessionEnd).toHaveBeenCalledTimes(1);
});

test('what a refusal says is kept, with how long to wait', async () => {
  answers.push(
    Response.json(
      { error: { code: 'too_many_logins', message: 'Wait.', field: 'x' } },
      { status: 429, headers: { 'retry-after': '7' } },
    ),
  );
  const call = createAdminClient({ onSessionEnd }).call('GET', '/x');
  await expect(call).rejects.toMatchObject({ code: 'too_many_logins', message: 'Wait.', field: 'x', seconds: 7 });
});

test('an answer that is no JSON, and none at all, are problems as well', async () => {
  answers.push(new Response('<html>', { status: 502 }));
  const client = createAdminClient({ onSessionEnd });
  await expect(client.call('GET', '/x')).rejects.toMatchObject({ code: 'other', message: 'HTTP 502' });
  await expect(client.call('GET', '/x')).rejects.toMatchObject({ code: 'unreachable' });
});

function session(csrfToken: string): Response {
  return Response.json({ type: 'session', csrf_token: csrfToken, expires_at: 1 });
}

function fault(status: number, code: string): Response {
  return Response.json({ error: { code, message: 'No.' } }, { status });
}
