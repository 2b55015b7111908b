import { createFakeUpstream, createGate, reply } from '@proxycast/testkit';
import { describe, expect, test } from 'vitest';
import { ask, DIALECTS } from '../testing/dialects.ts';
import { startApp } from '../testing/start-app.ts';

describe.each(DIALECTS)('$id', (dialect) => {
  test('a stop lets a stream finish within the limit and refuses new requests', async () => {
    await using upstream = await createFakeUpstream();
    await using app = await startApp();
    await app.addProvider(
      { id: 'a', type: dialect.providerType, api_host: upstream.baseUrl, models: ['fake-model'] },
      'key-1',
    );
    const gate = createGate();
    upstream.respond(reply.text(['one ', 'two'], { beforeChunk: gate }));
    gate.release(2);
    const answer = ask(app.baseUrl, dialect, { isStream: true });
    await gate.arrived(3);
    const stopped = app.stop(20_000);
    gate.open();
    const { text } = await answer;
    await stopped;
    expect(dialect.endsWithError(text)).toBe(false);
    expect(text).toContain('two');
  });

  test('after the limit a stream ends with the dialect’s own error', async () => {
    await using upstream = await createFakeUpstream();
    await using app = await startApp();
    await app.addProvider(
      { id: 'a', type: dialect.providerType, api_host: upstream.baseUrl, models: ['fake-model'] },
      'key-1',
    );
    const gate = createGate();
    upstream.respond(reply.text(['one ', 'two'], { beforeChunk: gate }));
    gate.release(2);
    const response = await fetch(app.baseUrl + dialect.path('fake-model', true), {
      method: 'POST',
      headers: dialect.headers,
      body: JSON.stringify(dialect.body('fake-model', true)),
    });
    await gate.arrived(3);
    const stopped = app.stop(10);
    const text = await response.text();
    await stopped;
    expect(dialect.endsWithError(text), text).toBe(true);
    expect(text).toContain('shutting down');
  });
});
