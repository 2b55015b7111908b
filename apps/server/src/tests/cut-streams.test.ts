import { createFakeUpstream, createGate, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask, DIALECTS } from '../testing/dialects.ts';
import { type AppUnderTest, startApp } from '../testing/start-app.ts';

let app: AppUnderTest;
let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await createFakeUpstream();
  app = await startApp();
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

const TEXT = ['one ', 'two ', 'three 漢', 'four'];

describe.each(DIALECTS)('$id', (dialect) => {
  const model = `model-${dialect.id}`;
  const stream = () => ask(app.baseUrl, dialect, { model, isStream: true });

  test('a stream cut at any byte ends with the dialect’s own error, after whole frames, and never cleanly', async () => {
    upstream.respond(reply.text(TEXT));
    const whole = (await stream()).bytes;
    const frameEnds = new Set<number>();
    for (let at = 2; at <= whole.length; at++) {
      const before = whole.toString('latin1', Math.max(0, at - 4), at);
      if (before.endsWith('\n\n') || before.endsWith('\r\n\r\n')) frameEnds.add(at);
    }
    const ends = [...frameEnds];
    const firstEnd = ends[0] ?? 0;
    const cuts = ends.flatMap((end) => [end, end + 1, end + 7]).filter((cut) => cut < whole.length);
    for (const cut of cuts) {
      for (const knob of [{ cutAfterBytes: cut }, { endAfterBytes: cut }]) {
        upstream.respond(reply.bytes(whole, { headers: { 'content-type': 'text/event-stream' } }, knob));
        const answer = await stream();
        expect(answer.status, `cut at ${cut}`).toBe(200);
        const passed = Math.max(firstEnd, ...ends.filter((end) => end <= cut));
        if (answer.bytes.equals(whole.subarray(0, passed)) || answer.bytes.equals(whole.subarray(0, cut))) {
          // Nothing was added: then the dialect had said everything that matters before the cut.
          expect(
            isComplete(dialect.id, answer.text),
            `cut at ${cut} of ${whole.length}: ${answer.text.slice(-300)}`,
          ).toBe(true);
          continue;
        }
        expect(answer.bytes.subarray(0, passed).equals(whole.subarray(0, passed)), `cut at ${cut}`).toBe(true);
        expect(dialect.endsWithError(answer.text), `cut at ${cut}: ${answer.text.slice(-300)}`).toBe(true);
      }
    }
    expect(cuts.length).toBeGreaterThan(5);
  });

  test('an error event of the upstream passes as it is', async () => {
    upstream.respond(reply.text(TEXT, { failAfterBytes: 200, failure: { status: 529, message: 'busy now' } }));
    const answer = await stream();
    expect(dialect.endsWithError(answer.text), answer.text.slice(-400)).toBe(true);
    expect(answer.text).toContain('busy now');
    expect(answer.text.match(/busy now/g)).toHaveLength(1);
  });

  test('the first frame reaches the client while the upstream is still talking', async () => {
    const gate = createGate();
    upstream.respond(reply.text(TEXT, { beforeChunk: gate }));
    gate.release(3);
    const response = await fetch(app.baseUrl + dialect.path(model, true), {
      method: 'POST',
      headers: dialect.headers,
      body: JSON.stringify(dialect.body(model, true)),
    });
    const reader = response.body?.getReader();
    const piece = await reader?.read();
    expect(piece?.value?.length).toBeGreaterThan(0);
    gate.open();
    await reader?.cancel();
  });

  test('a client that leaves ends the upstream’s call', async () => {
    const abort = new AbortController();
    const gate = createGate();
    gate.release(2);
    upstream.respond(reply.text(TEXT, { beforeChunk: gate }));
    const response = await fetch(app.baseUrl + dialect.path(model, true), {
      method: 'POST',
      headers: dialect.headers,
      body: JSON.stringify(dialect.body(model, true)),
      signal: abort.signal,
    });
    await response.body?.getReader().read();
    const request = await upstream.waitForRequest(1);
    abort.abort();
    expect(await request.ended).toEqual({ type: 'aborted-by-peer' });
  });

  test('a client that leaves before any byte came ends the upstream’s call', async () => {
    const abort = new AbortController();
    upstream.respond(reply.silence());
    const asked = fetch(app.baseUrl + dialect.path(model, true), {
      method: 'POST',
      headers: dialect.headers,
      body: JSON.stringify(dialect.body(model, true)),
      signal: abort.signal,
    });
    const request = await upstream.waitForRequest(1);
    abort.abort();
    await expect(asked).rejects.toThrow();
    expect(await request.ended).toEqual({ type: 'aborted-by-peer' });
  });
});

/** What each dialect has said when the rest of a stream no longer matters. */
function isComplete(id: string, text: string): boolean {
  switch (id) {
    case 'openai':
      return text.includes('"finish_reason":"stop"');
    case 'responses':
      return text.includes('response.completed');
    case 'anthropic':
      return text.includes('message_stop');
    default:
      return text.includes('"finishReason"');
  }
}
