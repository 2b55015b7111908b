import { createFakeUpstream, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask, DIALECTS } from '../testing/dialects.ts';
import { type AppUnderTest, startApp } from '../testing/start-app.ts';

let app: AppUnderTest;
let first: FakeUpstream;
let second: FakeUpstream;

beforeAll(async () => {
  [first, second] = await Promise.all([createFakeUpstream(), createFakeUpstream()]);
});
afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
});
beforeEach(async () => {
  first.reset();
  second.reset();
  second.respond(reply.text('from the second'));
  app = await startApp();
});
afterEach(() => app.stop());

const keysSeen = (upstream: FakeUpstream): readonly (string | undefined)[] => upstream.requests.map(({ key }) => key);

describe.each(DIALECTS)('$id', (dialect) => {
  const addBoth = async (): Promise<void> => {
    const common = { type: dialect.providerType, models: ['fake-model'] };
    await app.addProvider({ id: 'a', api_host: first.baseUrl, sort_order: 1, ...common }, 'key-a1', 'key-a2');
    await app.addProvider({ id: 'b', api_host: second.baseUrl, sort_order: 2, ...common }, 'key-b1');
  };

  test.each([
    ['429', reply.rateLimited(7)],
    ['401', reply.error({ status: 401 })],
    ['402', reply.error({ status: 402 })],
  ])('after %s tries the other key of the provider, then the next provider', async (_name, answer) => {
    await addBoth();
    first.respond(answer);
    const reached = await ask(app.baseUrl, dialect);
    expect(reached.status, reached.text).toBe(200);
    expect(reached.text).toContain('second');
    expect(reached.headers.get('x-proxycast-attempts')).toBe('3');
    expect(reached.headers.get('x-proxycast-provider')).toBe('b');
    expect([...keysSeen(first)].sort()).toEqual(['key-a1', 'key-a2']);
    expect(keysSeen(second)).toEqual(['key-b1']);
  });

  test.each([
    ['500', reply.error({ status: 500 })],
    ['503', reply.error({ status: 503 })],
    ['a web page', reply.html()],
    ['an empty 200', reply.empty()],
    ['an error inside a 200', reply.errorInside({ status: 500 })],
  ])('after %s goes to the next provider at once', async (_name, answer) => {
    await addBoth();
    first.respond(answer);
    const reached = await ask(app.baseUrl, dialect);
    expect(reached.status, reached.text).toBe(200);
    expect(reached.headers.get('x-proxycast-provider')).toBe('b');
    expect(first.requests).toHaveLength(1);
  });

  test.each([
    ['an empty stream', reply.empty('text/event-stream')],
    ['half a frame', reply.text('never seen', { endAfterBytes: 20 })],
    ['a connection cut in the first frame', reply.text('never seen', { cutAfterBytes: 20 })],
    ['an error as the first event', reply.errorInside({ status: 500 })],
    [
      'a JSON error inside a 200',
      reply.bytes('{"error":{"message":"overloaded","type":"server_error","code":503,"status":"UNAVAILABLE"}}', {
        headers: { 'content-type': 'application/json' },
      }),
    ],
  ])('a stream that is %s goes to the next provider', async (_name, answer) => {
    await addBoth();
    first.respond(answer);
    const reached = await ask(app.baseUrl, dialect, { isStream: true });
    expect(reached.status, reached.text).toBe(200);
    expect(reached.headers.get('x-proxycast-provider'), reached.text).toBe('b');
    expect(reached.text).toContain('second');
    expect(reached.text).not.toContain('never seen');
  });

  test('a broken connection is tried once more before the next provider', async () => {
    await addBoth();
    first.respond(reply.hangUp());
    const reached = await ask(app.baseUrl, dialect);
    expect(reached.headers.get('x-proxycast-provider'), reached.text).toBe('b');
    expect(first.requests).toHaveLength(2);
  });

  test('the client’s own mistake is not tried again and comes back in the upstream’s words', async () => {
    await addBoth();
    first.respond(reply.error({ status: 400, message: 'max_tokens is far too large' }));
    const refused = await ask(app.baseUrl, dialect);
    expect(refused.status).toBe(400);
    expect(dialect.readError(JSON.parse(refused.text)).message).toBe('max_tokens is far too large');
    expect(first.requests).toHaveLength(1);
    expect(second.requests).toHaveLength(0);
  });

  test('when everyone is limited the client gets the limit with its hint', async () => {
    await addBoth();
    first.respond(reply.error({ status: 401 }));
    second.respond(reply.rateLimited(7));
    const refused = await ask(app.baseUrl, dialect);
    expect(refused.status).toBe(429);
    if (dialect.id !== 'gemini') expect(refused.headers.get('retry-after')).toBe('7');
    else expect(refused.text).toContain('7s');
  });

  test('our own rejected key does not look like the client’s', async () => {
    await app.addProvider(
      { id: 'a', api_host: first.baseUrl, type: dialect.providerType, models: ['fake-model'] },
      'key-a1',
    );
    first.respond(reply.error({ status: 401, message: 'Incorrect API key provided: key-a1' }));
    const refused = await ask(app.baseUrl, dialect);
    expect(refused.status).toBe(502);
    expect(refused.text).toContain('rejected the key');
    expect(refused.text).not.toContain('key-a1');
  });

  test('a provider that is not there is named', async () => {
    await app.addProvider(
      { id: 'gone', api_host: 'http://127.0.0.1:1', type: dialect.providerType, models: ['fake-model'] },
      'key-a1',
    );
    const refused = await ask(app.baseUrl, dialect);
    expect(refused.status).toBeGreaterThanOrEqual(502);
    expect(String(dialect.readError(JSON.parse(refused.text)).message)).toContain('ECONNREFUSED');
  });

  test('the same key is used in turn, and one that was limited rests', async () => {
    await app.addProvider(
      { id: 'a', api_host: first.baseUrl, type: dialect.providerType, models: ['fake-model'] },
      'key-a1',
      'key-a2',
    );
    first.respond(({ key }) => (key === 'key-a1' ? reply.rateLimited(60) : reply.text('ok')));
    for (let index = 0; index < 4; index++) expect((await ask(app.baseUrl, dialect)).status).toBe(200);
    expect(keysSeen(first).filter((key) => key === 'key-a1')).toHaveLength(1);
  });
});
