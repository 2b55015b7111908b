import { createFakeUpstream, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, DIALECTS } from '../testing/dialects.ts';
import { type AppUnderTest, startApp } from '../testing/start-app.ts';

let app: AppUnderTest;
let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await createFakeUpstream();
  app = await startApp();
  for (const { id, providerType } of DIALECTS) {
    await app.addProvider(
      { id: `fake-${id}`, type: providerType, api_host: upstream.baseUrl, models: [`claude-opus-4-6-${id}`] },
      'vendor-secret-key',
    );
  }
});
afterAll(async () => {
  await app.stop();
  await upstream.close();
});

interface Row {
  readonly request_id: string;
  readonly attempt: number;
  readonly outcome: string;
}

async function rowsOf(requestId: string | null): Promise<readonly Row[]> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { body, status } = await app.admin('GET', `/requests/${requestId}`);
    const items =
      typeof body === 'object' && body !== null && 'attempts' in body && Array.isArray(body.attempts)
        ? body.attempts
        : [];
    if (items.length > 0) return items;
    if (Date.now() > deadline) throw new Error(`no ledger row for ${requestId}: ${status}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('keeps what conversion changed, as the client was told it, and nothing where bytes passed', async () => {
  const [openai, , anthropic] = DIALECTS;
  if (openai === undefined || anthropic === undefined) throw new Error('no dialect');
  upstream.respond(reply.text('ok'));
  const converted = await fetch(app.baseUrl + openai.path('', false), {
    method: 'POST',
    headers: openai.headers,
    body: JSON.stringify({ ...openai.body(`claude-opus-4-6-${anthropic.id}`, false), logprobs: true }),
  });
  expect(converted.status, await converted.text()).toBe(200);
  const told = converted.headers.get('x-proxycast-changed');
  expect(told).toContain('logprobs');
  const [row] = await rowsOf(converted.headers.get('x-request-id'));
  expect(row).toMatchObject({ changed: told });
  const passed = await ask(app.baseUrl, anthropic, { model: `claude-opus-4-6-${anthropic.id}` });
  const [plain] = await rowsOf(passed.headers.get('x-request-id'));
  expect(plain).toMatchObject({ changed: null });
});

const USAGE = { input: 1000, cacheRead: 300, output: 50, reasoning: 20 };

describe.each(DIALECTS)('$id', (dialect) => {
  test.each([false, true])('keeps tokens and outcome of an answer (stream: %s)', async (isStream) => {
    upstream.respond(reply.message({ text: 'hello there', usage: USAGE }));
    const withUsage = dialect.id === 'openai' && isStream;
    const response = await fetch(app.baseUrl + dialect.path(`claude-opus-4-6-${dialect.id}`, isStream), {
      method: 'POST',
      headers: dialect.headers,
      body: JSON.stringify({
        ...dialect.body(`claude-opus-4-6-${dialect.id}`, isStream),
        ...(withUsage ? { stream_options: { include_usage: true } } : {}),
      }),
    });
    expect(response.status).toBe(200);
    await response.text();
    const [row] = await rowsOf(response.headers.get('x-request-id'));
    expect(row).toMatchObject({
      attempt: 1,
      outcome: 'answered',
      provider_id: `fake-${dialect.id}`,
      protocol: dialect.id,
      model: `claude-opus-4-6-${dialect.id}`,
      is_stream: isStream,
      usage: { input: 1000, cache_read: 300, output: 50 },
      upstream_status: 200,
    });
  });

  test('keeps one row for each attempt, with what went wrong', async () => {
    upstream.respond(reply.error({ status: 400, message: 'prompt text that must not be kept' }));
    const answer = await ask(app.baseUrl, dialect, { model: `claude-opus-4-6-${dialect.id}` });
    const rows = await rowsOf(answer.headers.get('x-request-id'));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ outcome: 'refused', upstream_status: 400, fault: 'client' });
    expect(JSON.stringify(rows)).not.toContain('prompt text');
  });
});

test('a row of a model with a price says what it cost', async () => {
  await app.addProvider(
    { id: 'priced', type: 'anthropic', api_host: upstream.baseUrl, models: ['claude-opus-4-6'] },
    'vendor-secret-key',
  );
  const [dialect] = DIALECTS.filter(({ id }) => id === 'anthropic');
  if (dialect === undefined) throw new Error('no dialect');
  upstream.respond(reply.message({ text: 'hello', usage: { input: 1_000_000, output: 0 } }));
  const answer = await ask(app.baseUrl, dialect, { model: 'claude-opus-4-6' });
  const [row] = await rowsOf(answer.headers.get('x-request-id'));
  expect(row).toMatchObject({ cost_micro_usd: expect.any(Number) });
});
