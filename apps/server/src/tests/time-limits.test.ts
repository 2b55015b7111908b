import { createFakeUpstream, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask, DIALECTS } from '../testing/dialects.ts';
import { type AppUnderTest, startApp } from '../testing/start-app.ts';

let app: AppUnderTest;
let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await createFakeUpstream();
  app = await startApp();
  await app.admin('PATCH', '/settings', { 'timeouts.upstream_head_ms': 100, 'timeouts.upstream_idle_ms': 100 });
  for (const { id, providerType } of DIALECTS) {
    await app.addProvider(
      { id: `fake-${id}`, type: providerType, api_host: upstream.baseUrl, models: [`model-${id}`] },
      'key-1',
    );
  }
});
afterAll(async () => {
  await app.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

describe.concurrent.each(DIALECTS)('$id', (dialect) => {
  const model = `model-${dialect.id}`;

  test('an upstream that never answers is a time-out in the dialect, and its call is ended', async () => {
    upstream.respond(reply.silence());
    const answer = await ask(app.baseUrl, dialect, { model });
    expect(answer.status).toBe(504);
    expect(String(dialect.readError(JSON.parse(answer.text)).message)).toContain('in time');
  });
});

describe.each(DIALECTS)('$id', (dialect) => {
  test('a stream that falls silent ends with the dialect’s own error', async () => {
    upstream.respond(reply.text(['one ', 'two ', 'three ', 'four '], { holdAfterBytes: 1_000 }));
    const answer = await ask(app.baseUrl, dialect, { model: `model-${dialect.id}`, isStream: true });
    const [request] = upstream.requests;
    if (answer.status === 200) expect(dialect.endsWithError(answer.text), answer.text.slice(-300)).toBe(true);
    // The first frame of a dialect may be longer than what was sent: then nothing had gone out yet.
    else expect(answer.status).toBe(504);
    expect(await request?.ended).toEqual({ type: 'aborted-by-peer' });
  });
});
