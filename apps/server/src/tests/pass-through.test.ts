import { createFakeUpstream, type FakeUpstream, loadRecordings, reply } from '@proxycast/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask, DIALECTS } from '../testing/dialects.ts';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';

let app: AppUnderTest;
let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await createFakeUpstream({ keys: ['vendor-key-1'], forbidden: [CLIENT_KEY], models: ['fake-model'] });
  app = await startApp();
  for (const { id, providerType } of DIALECTS) {
    await app.addProvider(
      { id: `fake-${id}`, type: providerType, api_host: upstream.baseUrl, models: [`model-${id}`] },
      'vendor-key-1',
    );
    await app.addRoute({
      pattern: `alias-${id}`,
      targets: [{ provider: `fake-${id}`, model: 'model"quoted"é' }],
    });
  }
});
afterAll(async () => {
  await app.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

describe.each(DIALECTS)('$id', (dialect) => {
  test.each([false, true])('passes request and answer untouched (stream: %s)', async (isStream) => {
    const model = `model-${dialect.id}`;
    upstream.respond(reply.text(['Grüße ', '🌍 ', 'end'], isStream ? { chunks: 'byte' } : {}));
    const answer = await ask(app.baseUrl, dialect, { model, isStream });
    expect(answer.status, answer.text).toBe(200);
    const [request] = upstream.requests;
    expect(request?.body.toString()).toBe(JSON.stringify(dialect.body(model, isStream)));
    expect(upstream.violations.map(({ message }) => message)).toEqual([]);
    expect(answer.bytes.length).toBe(request?.answerBytes);
    expect(answer.text).toContain('Grüße ');
    expect(answer.headers.get('x-proxycast-provider')).toBe(`fake-${dialect.id}`);
    expect(answer.headers.get('x-proxycast-model')).toBe(model);
    expect(answer.headers.get('x-proxycast-attempts')).toBe('1');
    expect(Number(answer.headers.get('x-proxycast-overhead-ms'))).toBeGreaterThanOrEqual(0);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
  });

  test('splices an alias into the bytes and leaves every other byte', async () => {
    upstream.respond(reply.text('ok'));
    const answer = await ask(app.baseUrl, dialect, { model: `alias-${dialect.id}` });
    expect(answer.status, answer.text).toBe(200);
    const [request] = upstream.requests;
    expect(decodeURIComponent(request?.model ?? '')).toBe('model"quoted"é');
    expect(request?.body.toString()).toBe(JSON.stringify(dialect.body('model"quoted"é', false)));
  });

  test('reaches the provider named by prefix, path or header', async () => {
    upstream.respond(reply.text('ok'));
    const provider = `fake-${dialect.id}`;
    const byPrefix = await ask(app.baseUrl, dialect, { model: `${provider}/any` });
    const byPath = await ask(`${app.baseUrl}/api/provider/${provider}`, dialect, { model: 'any' });
    const byHeader = await ask(app.baseUrl, dialect, { model: 'any', headers: { 'x-proxycast-provider': provider } });
    expect([byPrefix, byPath, byHeader].map(({ status, text }) => (status === 200 ? 200 : text))).toEqual([
      200, 200, 200,
    ]);
    expect(upstream.requests.map(({ model }) => model)).toEqual(['any', 'any', 'any']);
  });
});

const PROTOCOL_OF_FOLDER: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  gemini: 'gemini',
  'openai-chat': 'openai',
  'openai-compatible': 'openai',
  'openai-responses': 'responses',
  'responses-compatible': 'responses',
};

test('every recorded stream that ended well passes byte for byte', async () => {
  let checked = 0;
  for (const recording of loadRecordings({ kind: 'stream', status: 200 })) {
    const dialect = DIALECTS.find(({ id }) => id === PROTOCOL_OF_FOLDER[recording.file.split('/')[0] ?? '']);
    if (dialect === undefined) continue;
    upstream.reset();
    upstream.respond(reply.recording(recording, { chunks: 1000 }));
    const answer = await ask(app.baseUrl, dialect, { model: `model-${dialect.id}`, isStream: true });
    const recorded = recording.bytes();
    // A recording of an upstream's failure may be refused or ended with an error; none may be changed and passed.
    if (answer.status === 200 && !answer.bytes.equals(recorded)) {
      expect(recording.shows.join(' '), `${recording.file} ${answer.text.slice(-300)}`).toMatch(
        /error|cut|no-terminator|no-done/,
      );
      continue;
    }
    checked++;
  }
  expect(checked).toBeGreaterThan(280);
}, 120_000);
