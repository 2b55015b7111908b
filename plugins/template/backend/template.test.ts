import { createFakeHost, everySplit, startPlugin } from '@proxycast/plugin-sdk/testing';
import { expect, test } from 'vitest';
import provider from './index.ts';
import { createFakeService } from './testing/create-fake-service.ts';

const API = 'https://api.sample.example';
const NOW = Date.UTC(2026, 10, 1);

async function start() {
  const service = createFakeService();
  let nowMs = NOW;
  const host = createFakeHost({ upstreams: { [API]: service.upstream } });
  const plugin = await startPlugin(provider, { host, now: () => nowMs });
  const wait = (ms: number): void => {
    nowMs += ms;
  };
  return { service, plugin, wait };
}

const PREPARE = {
  stream_id: 's1',
  request_id: 'r1',
  operation: 'chat',
  protocol: 'openai',
  is_stream: true,
  session_id: 'c1',
  attempt: 1,
} as const;
const CREDENTIAL = { id: 'c1', auth_type: 'token', data: { access_token: 'at', refresh_token: 'rt' } };

test('a person logs in with a code', async () => {
  const { service, plugin, wait } = await start();
  const started = await plugin.call('login.start', { login_id: 'l1', auth_type: 'device' });
  if (started.type !== 'device_code') throw new Error(`It began with ${started.type}.`);
  wait(started.interval_ms);
  expect(await plugin.call('login.poll', { login_id: 'l1' })).toMatchObject({ type: 'pending' });
  service.enterCode(started.user_code);
  wait(started.interval_ms);
  const ended = await plugin.call('login.poll', { login_id: 'l1' });
  if (ended.type !== 'done') throw new Error(`It ended with ${ended.type}.`);
  const credential = { id: 'c1', ...ended.credential };
  expect(await plugin.call('credential.validate', { credential })).toMatchObject({ type: 'valid' });
  expect(await plugin.call('credential.usage', { credential })).toMatchObject({ windows: [{ used: 3, limit: 50 }] });
  await plugin.stop();
});

test('a pasted refresh token is renewed once, and its copy is refused', async () => {
  const { service, plugin } = await start();
  const form = { refresh_token: ` ${service.createAccount()} ` };
  const parsed = await plugin.call('credential.parse', { auth_type: 'token', form });
  if (parsed.type !== 'parsed') throw new Error('It was refused.');
  const credential = { id: 'c1', ...parsed.credential };
  const renewed = await plugin.call('credential.refresh', { credential, reason: 'expiry' });
  expect(renewed).toMatchObject({ type: 'refreshed', expires_at: NOW + 3_600_000 });
  expect(await plugin.call('credential.refresh', { credential, reason: 'expiry' })).toMatchObject({
    type: 'failed',
    code: 'invalid_grant',
    condition: { type: 'needs_login' },
  });
  expect(await plugin.call('credential.parse', { auth_type: 'token', form: {} })).toMatchObject({
    type: 'refused',
    faults: [{ field: 'refresh_token' }],
  });
  await plugin.stop();
});

test('most models take a lease, those of the own dialect a body', async () => {
  const { plugin } = await start();
  const lease = await plugin.call('request.prepare', { ...PREPARE, model: 'sample-chat', credential: CREDENTIAL });
  expect(lease).toMatchObject({ type: 'lease', url: `${API}/v1/chat/completions`, read: { dialect: 'openai' } });
  const body = Buffer.from(JSON.stringify({ model: 'sample-lines', messages: [{ role: 'user', content: 'Hi' }] }));
  const call = await plugin.call(
    'request.prepare',
    { ...PREPARE, model: 'sample-lines', credential: CREDENTIAL },
    { attachment: body },
  );
  expect(call).toMatchObject({ type: 'call', has_body: true, read: { dialect: 'plugin', framing: 'lines' } });
  expect(JSON.parse(Buffer.from(call.attachment).toString())).toEqual({
    model: 'sample-lines',
    stream: true,
    turns: [{ who: 'person', says: 'Hi' }],
  });
  await plugin.stop();
});

test('an answer reads the same however its lines arrive; one that is cut says so', async () => {
  const frames = [{ say: 'Hel' }, { say: 'lo' }, { done: { in: 1, out: 2 } }].map((line) => ({
    data: JSON.stringify(line),
  }));
  const { plugin } = await start();
  for (const batches of everySplit(frames)) {
    const events = await plugin.decode({ batches });
    expect(events.map(({ type }) => type)).toEqual([
      'message-start',
      'text-start',
      'text-delta',
      'text-delta',
      'block-end',
      'usage',
      'message-end',
    ]);
  }
  const cut = await plugin.decode({ batches: [frames.slice(0, 2)] });
  expect(cut.at(-1)).toMatchObject({ type: 'error', error: { code: 'upstream_cut' } });
  await plugin.stop();
});

test.each([
  {
    status: 401,
    body: { error: 'token_expired' },
    verdict: { next: 'another_credential', condition: { type: 'refresh' } },
  },
  {
    status: 429,
    body: { error: 'busy', retry_after_ms: 9000 },
    verdict: { kind: 'rate-limited', cool_down_until: NOW + 9000 },
  },
  {
    status: 403,
    body: { error: 'suspended', message: 'Bye.' },
    verdict: { condition: { type: 'suspended', words: 'Bye.' } },
  },
  { status: 503, body: {}, verdict: { next: 'another_provider', fault: 'upstream' } },
  { status: 400, body: { message: 'No.' }, verdict: { next: 'stop', fault: 'client', message: 'No.' } },
])('$status $body.error', async ({ status, body, verdict }) => {
  const { plugin } = await start();
  const params = {
    stream_id: 's1',
    operation: 'chat' as const,
    model: 'm',
    credential: CREDENTIAL,
    status,
    headers: [],
    attempt: 1,
  };
  const answer = await plugin.call('failure.explain', params, { attachment: Buffer.from(JSON.stringify(body)) });
  expect(answer).toMatchObject(verdict);
  await plugin.stop();
});
