import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runDoctor } from '../doctor/run-doctor.ts';
import { loadPresets } from '../presets.ts';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';
import { type Front, type FrontAnswer, type FrontRequest, startFront } from '../testing/start-front.ts';
import { workerUrl } from '../worker-url.ts';

const TEMPLATE = fileURLToPath(new URL('../../../../plugins/template/', import.meta.url));
const PYTHON = fileURLToPath(new URL('../../../../examples/plugins/python/', import.meta.url));
const SSE = 'text/event-stream';

const chunk = (delta: unknown, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'sample-chat',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`;

/** The service of the template: it knows only the access token it gave last. */
function createService() {
  const refreshTokens = new Set(['rt-1']);
  const accessTokens = new Set<string>();
  const state: { failWith?: FrontAnswer } = {};
  let count = 0;
  const answer = ({ path, headers, body }: FrontRequest): FrontAnswer => {
    const isKnown = accessTokens.has((headers.authorization ?? '').replace(/^Bearer /, ''));
    if (!isKnown) return { status: 401, body: { error: 'token_expired', message: 'The token has ended.' } };
    if (state.failWith !== undefined) return state.failWith;
    if (path === '/account') return { status: 200, body: { used: 1, limit: 2, resets_at: 3 } };
    if (path === '/v1/chat/completions') {
      if (body['stream'] === true) {
        const text = `${chunk({ role: 'assistant', content: 'hel' })}${chunk({ content: 'lo 漢' })}${chunk({}, 'stop')}data: [DONE]\n\n`;
        return { status: 200, body: text, contentType: SSE };
      }
      const message = { role: 'assistant', content: 'hello 漢' };
      return {
        status: 200,
        body: {
          id: 'chatcmpl-1',
          object: 'chat.completion',
          created: 1,
          model: body['model'],
          choices: [{ index: 0, message, finish_reason: 'stop' }],
          usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
        },
      };
    }
    if (path === '/v1/lines') {
      const lines = [{ say: 'in ' }, { say: 'lines 漢' }, { done: { in: 4, out: 5 } }];
      return {
        status: 200,
        body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
        contentType: 'application/jsonl',
      };
    }
    return { status: 404, body: { error: 'not_found', message: 'There is nothing here.' } };
  };
  const token = (form: URLSearchParams): FrontAnswer => {
    if (!refreshTokens.delete(form.get('refresh_token') ?? ''))
      return { status: 400, body: { error: 'invalid_grant' } };
    count++;
    refreshTokens.add(`rt-${count + 1}`);
    accessTokens.clear();
    accessTokens.add(`at-${count}`);
    return {
      status: 200,
      body: { access_token: `at-${count}`, refresh_token: `rt-${count + 1}`, expires_in: 3600, token_type: 'Bearer' },
    };
  };
  return { answer, token, state };
}

describe('a plugin', () => {
  let built: string;
  let home: string;
  let front: Front;
  let app: AppUnderTest;
  let service: ReturnType<typeof createService>;

  beforeAll(async () => {
    built = join(mkdtempSync(join(tmpdir(), 'proxycast-template-')), 'template');
    mkdirSync(join(built, 'bin'), { recursive: true });
    const bundle = await rolldown({ cwd: TEMPLATE, input: 'backend/index.ts', platform: 'node' });
    await bundle.write({ file: join(built, 'bin', 'backend.js'), format: 'esm', codeSplitting: false });
    await bundle.close();
    writeFileSync(join(built, 'package.json'), '{ "type": "module" }\n');
    for (const name of ['plugin.json', 'config.json']) cpSync(join(TEMPLATE, name), join(built, name));
  }, 60_000);
  afterAll(() => rmSync(join(built, '..'), { recursive: true, force: true }));

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'proxycast-home-'));
    service = createService();
    front = await startFront(
      (request) => service.answer(request),
      (form) => service.token(form),
    );
    app = await startApp({ home });
  });
  afterEach(async () => {
    await app.stop();
    await front[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  const install = (consent?: boolean) =>
    app.admin('POST', '/plugins/install', {
      source: { type: 'file', path: built },
      ...(consent === undefined ? {} : { consent }),
    });
  const examineStopped = () =>
    runDoctor({
      environment: {
        PROXYCAST_HOME: home,
        PROXYCAST_PORT: '0',
        PROXYCAST_MASTER_KEY: Buffer.alloc(32, 5).toString('base64'),
        PATH: process.env['PATH'],
      },
      homedir: '/nowhere',
      sqliteWorkerUrl: workerUrl('sqlite-worker'),
      presets: loadPresets(),
      now: Date.now,
    });
  const setUp = async (): Promise<string> => {
    expect(await install(true)).toMatchObject({ status: 201, body: { state: { type: 'running' }, enabled: true } });
    const settings = { endpoints: { api: front.baseUrl } };
    expect(await app.admin('PUT', '/plugins/template/config', { settings })).toMatchObject({ status: 200 });
    const added = await app.admin('POST', '/plugins/template/credentials', {
      auth_type: 'token',
      config: { refresh_token: 'rt-1' },
      name: 'Mine',
    });
    expect(added).toMatchObject({ status: 201, body: { state: { type: 'active' }, name: 'Mine' } });
    return String((added.body as { readonly id: string }).id);
  };
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${app.baseUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const chat = (model: string, stream = false) =>
    post('/v1/chat/completions', { model, stream, messages: [{ role: 'user', content: 'hi' }] });

  test('says what it is and what it asks for before anything is installed', async () => {
    const path = join(built, '..', 'under another name');
    cpSync(built, path, { recursive: true });
    const inspect = () => app.admin('POST', '/plugins/inspect', { source: { type: 'file', path } });
    expect(await inspect()).toEqual({
      status: 200,
      body: {
        name: 'template',
        version: '0.1.0',
        description: expect.any(String),
        author: 'ProxyCast',
        plugin_type: 'oauth_provider',
        runtime: 'node',
        notice: { status: 'ok', text: expect.any(String), since: null, source: null },
        asks: { network: ['api.sample.example'], files: [], keychain: [] },
        replaces: null,
      },
    });
    expect(await app.admin('GET', '/plugins')).toMatchObject({ body: { items: [] } });
    const source = { type: 'file', path };
    expect(await app.admin('POST', '/plugins/install', { source, consent: true })).toMatchObject({
      status: 201,
      body: { name: 'template', state: { type: 'running' } },
    });
    expect(await inspect()).toMatchObject({ body: { replaces: '0.1.0' } });
  });

  test('gets no more than what was shown, also when its manifest changed since', async () => {
    const source = { type: 'file', path: built };
    const installWith = (consent: unknown) => app.admin('POST', '/plugins/install', { source, consent });
    const nothing = { network: [], files: [], keychain: [] };
    expect(await installWith(nothing)).toMatchObject({ status: 409, body: { error: { code: 'consent_required' } } });
    expect(await app.admin('GET', '/plugins')).toMatchObject({ body: { items: [] } });
    const shown = { ...nothing, network: ['api.sample.example', 'another.example'] };
    expect(await installWith(shown)).toMatchObject({
      status: 201,
      body: { consent: { network: ['api.sample.example'], files: [], keychain: [] } },
    });
  });

  test('is asked for nothing until a person consents', async () => {
    const refused = await install();
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'consent_required', field: 'consent' } } });
    expect(JSON.stringify(refused.body)).toContain('api.sample.example');
    expect(await app.admin('GET', '/plugins')).toMatchObject({ body: { items: [] } });
    expect(await app.admin('GET', '/plugins/template')).toMatchObject({ status: 404 });
  });

  test('serves a model by its pattern: leased calls, bytes passed untouched, no call on the hot path', async () => {
    await setUp();
    const first = await chat('sample-chat', true);
    expect(first.status).toBe(200);
    expect(first.headers.get('x-proxycast-provider')).toBe('sample');
    const text = await first.text();
    expect(text).toContain(chunk({ content: 'lo 漢' }));
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const sent = front.requests.at(-1);
    expect(sent).toMatchObject({ path: '/v1/chat/completions', body: { model: 'sample-chat' } });
    expect(sent?.headers.authorization).toBe('Bearer at-1');
    expect(sent?.headers['x-conversation']).toMatch(/^[0-9a-f-]{36}$/);
    // The same conversation, whatever comes after its beginning.
    await (await chat('sample-chat', true)).text();
    expect(front.requests.at(-1)?.headers['x-conversation']).toBe(sent?.headers['x-conversation']);
  });

  test('serves clients of every dialect', async () => {
    await setUp();
    const message = await post(
      '/v1/messages',
      { model: 'sample-chat', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
      { 'anthropic-version': '2023-06-01' },
    );
    expect(await message.json()).toMatchObject({ content: [{ type: 'text', text: 'hello 漢' }] });
    const response = await post('/v1/responses', { model: 'sample-chat', input: 'hi' });
    expect(await response.json()).toMatchObject({ output: [{ content: [{ text: 'hello 漢' }] }] });
    const gemini = await post('/v1beta/models/sample-chat:generateContent', {
      contents: [{ parts: [{ text: 'hi' }] }],
    });
    expect(await gemini.json()).toMatchObject({ candidates: [{ content: { parts: [{ text: 'hello 漢' }] } }] });
  });

  test.each([false, true])('reads a dialect of its own for the host; stream: %s', async (stream) => {
    await setUp();
    const answer = await chat('sample-lines-1', stream);
    const text = await answer.text();
    expect(answer.status, text).toBe(200);
    if (stream) {
      const said = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('');
      expect(said).toBe('in lines 漢');
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    } else {
      expect(JSON.parse(text)).toMatchObject({
        choices: [{ message: { content: 'in lines 漢' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 4, completion_tokens: 5 },
      });
    }
    expect(front.requests.at(-1)).toMatchObject({
      path: '/v1/lines',
      body: { model: 'sample-lines-1', stream, turns: [{ who: 'person', says: 'hi' }] },
    });
  });

  test('explains a failure: a suspension ends the credential’s use, in the vendor’s words', async () => {
    const id = await setUp();
    service.state.failWith = { status: 403, body: { error: 'suspended', message: 'Closed for breach of terms.' } };
    const refused = await chat('sample-chat');
    // A 403 would say that the client's own key lacks something.
    expect(refused.status).toBe(502);
    const error = { code: 'suspended', message: 'Closed for breach of terms.' };
    expect(await refused.json()).toMatchObject({ error });
    expect(await app.admin('GET', `/plugins/template/credentials/${id}`)).toMatchObject({
      body: { state: { type: 'suspended', reason: 'Closed for breach of terms.' } },
    });
    const asked = front.requests.length;
    expect((await chat('sample-chat')).status).toBe(503);
    expect(front.requests).toHaveLength(asked);
    delete service.state.failWith;
    // Where the route has another provider, that one is asked.
    await app.addProvider({ id: 'own', type: 'openai', api_host: `${front.baseUrl}/v1` }, 'at-1');
    await app.addRoute({ pattern: 'sample-chat', targets: [{ provider: 'sample' }, { provider: 'own' }] });
    const { body: examined } = await app.admin('GET', '/doctor');
    expect(JSON.stringify(examined)).not.toContain('route_to');
    const elsewhere = await chat('sample-chat');
    expect([elsewhere.status, elsewhere.headers.get('x-proxycast-provider')]).toEqual([200, 'own']);
    // Not forgotten with the process, and no row of the ledger waits for another.
    await app.stop();
    app = await startApp({ home });
    expect(await app.admin('GET', `/plugins/template/credentials/${id}`)).toMatchObject({
      body: { state: { type: 'suspended', reason: 'Closed for breach of terms.' } },
    });
    const { body: rows } = await app.admin('GET', '/requests');
    const items = (rows as { readonly items: readonly { readonly is_last: boolean }[] }).items;
    expect(items.map(({ is_last }) => is_last)).toEqual(items.map(() => true));
    expect(await app.admin('POST', `/plugins/template/credentials/${id}/reset`)).toMatchObject({ status: 200 });
    expect((await chat('sample-chat')).status).toBe(200);
  });

  test('does not lose its login over a restart, and is gone with its files when it is removed', async () => {
    await setUp();
    await app.stop();
    app = await startApp({ home });
    expect((await chat('sample-chat')).status).toBe(200);
    expect(await app.admin('GET', '/plugins/template')).toMatchObject({ body: { state: { type: 'running' } } });
    expect(await app.admin('POST', '/plugins/template/disable')).toMatchObject({
      body: { enabled: false, state: { type: 'disabled' } },
    });
    expect((await chat('sample-chat')).status).toBe(404);
    expect(await app.admin('POST', '/plugins/template/enable')).toMatchObject({ body: { state: { type: 'running' } } });
    expect((await chat('sample-chat')).status).toBe(200);
    expect(await app.admin('DELETE', '/plugins/template')).toMatchObject({ status: 204 });
    expect((await chat('sample-chat')).status).toBe(404);
    expect(await app.admin('GET', '/plugins')).toMatchObject({ body: { items: [] } });
  });

  test('is not started when a file is not the one that was installed', async () => {
    await setUp();
    await app.stop();
    writeFileSync(join(home, 'plugins', 'template', 'bin', 'backend.js'), '// another program\n');
    app = await startApp({ home });
    expect(await app.admin('GET', '/plugins/template')).toMatchObject({
      body: { state: { type: 'failed', reason: expect.stringContaining('bin/backend.js') } },
    });
    expect(await app.admin('POST', '/plugins/template/verify')).toMatchObject({
      body: { ok: false, faults: [{ path: 'bin/backend.js', code: 'changed' }] },
    });
    expect((await chat('sample-chat')).status).toBe(503);
    const fault = { level: 'fault', code: 'plugin_not_running', message: expect.stringContaining('bin/backend.js') };
    expect(await app.admin('GET', '/doctor')).toMatchObject({
      body: { checks: expect.arrayContaining([expect.objectContaining(fault)]) },
    });
    await app.stop();
    expect(await examineStopped()).toContainEqual(expect.objectContaining(fault));
    rmSync(join(home, 'plugins', 'template'), { recursive: true });
    expect(await examineStopped()).toContainEqual(
      expect.objectContaining({ ...fault, message: expect.stringContaining('Install it again') }),
    );
  });

  test('whose login was spent elsewhere is named by the doctor, running and stopped', async () => {
    await install(true);
    const codesOf = (checks: unknown) =>
      (checks as readonly { readonly name: string; readonly level: string; readonly code: string }[])
        .filter(({ name }) => name === 'plugin' || name === 'credential')
        .map(({ level, code }) => `${level} ${code}`);
    const examine = async () =>
      codesOf(((await app.admin('GET', '/doctor')).body as { readonly checks: unknown }).checks);
    expect(await examine()).toEqual(['ok plugin_ok', 'warning plugin_without_credential']);
    await app.admin('PUT', '/plugins/template/config', { settings: { endpoints: { api: front.baseUrl } } });
    await app.admin('POST', '/plugins/template/credentials', {
      auth_type: 'token',
      config: { refresh_token: 'rt-spent' },
    });
    expect(await examine()).toEqual(['ok plugin_ok', 'warning credential_needs_login']);
    await app.stop();
    expect(codesOf(await examineStopped())).toEqual(['ok plugin_ok', 'warning credential_needs_login']);
  });

  test('comes back with a restored backup, and says that its files are gone where they are', async () => {
    await setUp();
    await app.admin('POST', '/backup');
    const { body } = await app.admin('GET', '/backups');
    const [backup] = (body as { readonly items: readonly { readonly name: string }[] }).items;
    expect(await app.admin('POST', '/plugins/template/disable')).toMatchObject({ status: 200 });
    expect(await app.admin('POST', '/restore', { name: backup?.name })).toMatchObject({ status: 200 });
    expect(await app.admin('GET', '/plugins/template')).toMatchObject({ body: { state: { type: 'running' } } });
    expect((await chat('sample-chat')).status).toBe(200);
    expect(await app.admin('DELETE', '/plugins/template')).toMatchObject({ status: 204 });
    expect(await app.admin('POST', '/restore', { name: backup?.name })).toMatchObject({ status: 200 });
    expect(await app.admin('GET', '/plugins/template')).toMatchObject({
      body: { state: { type: 'faulty', reason: expect.stringContaining('Install it again') } },
    });
    expect((await chat('sample-chat')).status).toBe(404);
    expect(await install(true)).toMatchObject({ status: 201, body: { state: { type: 'running' } } });
    // The credentials that the backup had are there again.
    expect((await chat('sample-chat')).status).toBe(200);
  });

  test('in another language serves clients of every dialect, by leases and by a dialect of its own', async () => {
    const folder = join(home, '..', `${basename(home)}-python`, 'python-example');
    cpSync(PYTHON, folder, { recursive: true });
    try {
      const installed = await app.admin('POST', '/plugins/install', {
        source: { type: 'file', path: folder },
        consent: true,
      });
      expect(installed).toMatchObject({ status: 201, body: { state: { type: 'running' } } });
      const settings = { endpoints: { api: front.baseUrl } };
      expect(await app.admin('PUT', '/plugins/python-example/config', { settings })).toMatchObject({ status: 200 });
      service.token(new URLSearchParams({ refresh_token: 'rt-1' }));
      const added = { auth_type: 'token', config: { token: 'at-1' } };
      expect(await app.admin('POST', '/plugins/python-example/credentials', added)).toMatchObject({ status: 201 });
      for (const [model, said] of [
        ['python-1', 'hello 漢'],
        ['python-lines', 'in lines 漢'],
      ]) {
        const asked = { model, max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
        const message = await post('/v1/messages', asked, { 'anthropic-version': '2023-06-01' });
        expect(await message.json()).toMatchObject({ content: [{ type: 'text', text: said }] });
        const response = await post('/v1/responses', { model, input: 'hi' });
        expect(await response.json()).toMatchObject({ output: [{ content: [{ text: said }] }] });
        const gemini = await post(`/v1beta/models/${model}:generateContent`, {
          contents: [{ parts: [{ text: 'hi' }] }],
        });
        expect(await gemini.json()).toMatchObject({ candidates: [{ content: { parts: [{ text: said }] } }] });
        const streamed = await (await chat(model ?? '', true)).text();
        expect([...streamed.matchAll(/"content":"([^"]*)"/g)].map(([, text]) => text).join('')).toBe(said);
      }
    } finally {
      rmSync(join(folder, '..'), { recursive: true, force: true });
    }
  });

  test('installed many times at once is installed once, and runs', async () => {
    await setUp();
    const replies = await Promise.all(Array.from({ length: 5 }, () => install(true)));
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(await app.admin('POST', '/plugins/template/verify')).toMatchObject({ body: { ok: true } });
    expect(await app.admin('GET', '/plugins/template')).toMatchObject({ body: { state: { type: 'running' } } });
    expect((await chat('sample-chat')).status).toBe(200);
  });

  test('is told nothing of another’s logins, and neither is who asks by its name', async () => {
    const id = await setUp();
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/validate'],
      ['POST', '/refresh'],
      ['POST', '/reset'],
      ['POST', '/disable'],
    ] as const) {
      const reply = await app.admin(
        method,
        `/plugins/another/credentials/${id}${path}`,
        method === 'PATCH' ? {} : undefined,
      );
      expect([method, path, reply.status]).toEqual([method, path, 404]);
    }
    expect((await chat('sample-chat')).status).toBe(200);
  });

  test('alone is a provider to the doctor, of a running server and of a stopped one', async () => {
    await setUp();
    await app.admin('PATCH', '/settings', { 'routing.default_provider': 'sample' });
    const { body } = await app.admin('GET', '/doctor');
    const wanted = { name: 'provider', code: 'provider_ok', fields: { count: 1 } };
    expect(body).toMatchObject({ checks: expect.arrayContaining([expect.objectContaining(wanted)]) });
    expect(JSON.stringify(body)).not.toContain('default_provider_wrong');
    await app.stop();
    expect(await examineStopped()).toEqual(expect.arrayContaining([expect.objectContaining(wanted)]));
  });

  test('shows no secret in any answer', async () => {
    const id = await setUp();
    const answers = await Promise.all(
      ['/plugins', '/plugins/template', '/plugins/template/credentials', `/plugins/template/credentials/${id}`].map(
        (path) => app.admin('GET', path),
      ),
    );
    for (const text of answers.map(({ body }) => JSON.stringify(body))) expect(text).not.toMatch(/[ar]t-\d/);
  });

  test.each([
    [{ source: { type: 'file', path: '/nowhere/at/all' }, consent: true }, 400, 'plugin_path_invalid'],
    [{ source: { type: 'file', path: 'relative' }, consent: true }, 400, 'plugin_path_invalid'],
    [{ source: { type: 'file', path: tmpdir() }, consent: true }, 400, 'plugin_manifest_invalid'],
  ])('%j is refused', async (body, status, code) => {
    expect(await app.admin('POST', '/plugins/install', body)).toMatchObject({ status, body: { error: { code } } });
  });

  test('a form that its schema refuses never reaches it', async () => {
    await setUp();
    const add = (auth_type: string, config: unknown) =>
      app.admin('POST', '/plugins/template/credentials', { auth_type, config });
    expect(await add('token', {})).toMatchObject({ status: 400, body: { error: { field: 'config.refresh_token' } } });
    expect(await add('nothing', {})).toMatchObject({ status: 400, body: { error: { field: 'auth_type' } } });
    // A login that was spent elsewhere: stored, and said so.
    expect(await add('token', { refresh_token: 'rt-1' })).toMatchObject({
      status: 201,
      body: { state: { type: 'needs_login' } },
    });
  });
});
