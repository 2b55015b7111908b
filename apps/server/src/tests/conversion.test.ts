import { createFakeUpstream, createGate, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask, DIALECTS, type DialectSample } from '../testing/dialects.ts';
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

/** OpenAI providers serve both of its dialects; pinned by the model only `openai` is certain to be converted to. */
const PAIRS = DIALECTS.flatMap((client) =>
  DIALECTS.filter(({ id }) => id !== client.id).map((target) => ({
    client,
    target,
    name: `${client.id} → ${target.id}`,
  })),
);

/** All text of an answer, whatever the dialect and framing. */
function textIn(dialect: DialectSample, text: string): string {
  const values =
    text.trimStart().startsWith('{') || text.trimStart().startsWith('[')
      ? [JSON.parse(text)]
      : text
          .split(/\r?\n/)
          .filter((line) => line.startsWith('data:') && !line.endsWith('[DONE]'))
          .map((line) => JSON.parse(line.slice(5)));
  const isStream = !text.trimStart().startsWith('{');
  return values.map((value) => pieceOf(dialect.id, value, isStream)).join('');
}

// biome-ignore lint/suspicious/noExplicitAny: answers of four dialects, read by the shapes their references give.
type Json = any;

function pieceOf(id: DialectSample['id'], value: Json, isStream: boolean): string {
  switch (id) {
    case 'openai':
      return (value.choices ?? [])
        .map((choice: Json) => (isStream ? choice.delta?.content : choice.message?.content) ?? '')
        .join('');
    case 'responses':
      if (isStream) return value.type === 'response.output_text.delta' ? value.delta : '';
      return (value.output ?? [])
        .flatMap((item: Json) => item.content ?? [])
        .map((part: Json) => part.text ?? '')
        .join('');
    case 'anthropic':
      if (isStream) return value.delta?.type === 'text_delta' ? value.delta.text : '';
      return (value.content ?? []).map((block: Json) => block.text ?? '').join('');
    case 'gemini':
      return [value]
        .flat()
        .flatMap((chunk: Json) => chunk.candidates ?? [])
        .flatMap((candidate: Json) => candidate.content?.parts ?? [])
        .filter((part: Json) => part.thought !== true)
        .map((part: Json) => part.text ?? '')
        .join('');
  }
}

const TEXT = ['Grüße, ', 'dies ist ', '漢字 🌍 ', 'and "quotes"\n', 'done.'];

describe.each(PAIRS)('$name', ({ client, target }) => {
  const model = `model-${target.id}`;

  test.each([false, true])('answers, streaming: %s, and the strict upstream has nothing to say', async (isStream) => {
    upstream.respond(reply.message({ text: TEXT, usage: { input: 12, cacheRead: 4, output: 5 } }));
    const answer = await ask(app.baseUrl, client, { model, isStream });
    expect(answer.status, answer.text).toBe(200);
    expect(textIn(client, answer.text)).toBe(TEXT.join(''));
    expect(upstream.violations).toEqual([]);
    expect(answer.headers.get('x-proxycast-provider')).toBe(`fake-${target.id}`);
    expect(answer.headers.get('content-type')).toContain(isStream ? 'text/event-stream' : 'application/json');
    expect(upstream.requests).toHaveLength(1);
  });

  test('the first words reach the client before the upstream ends', async () => {
    const gate = createGate();
    upstream.respond(reply.text(TEXT, { beforeChunk: gate }));
    const answering = fetch(app.baseUrl + client.path(model, true), {
      method: 'POST',
      headers: client.headers,
      body: JSON.stringify(client.body(model, true)),
    });
    // The head goes out with the first words.
    for (let step = 0; step < 5; step++) gate.release();
    const response = await answering;
    const reader = response.body?.getReader();
    if (reader === undefined) throw new Error('no body');
    let seen = '';
    for (let step = 0; step < 20 && !seen.includes('Gr'); step++) {
      gate.release();
      const { value } = await reader.read();
      seen += Buffer.from(value ?? []).toString('utf8');
    }
    expect(seen).toContain('Gr');
    expect(seen).not.toContain('done.');
    gate.open();
    while (!(await reader.read()).done);
  });

  test('a cut stream and an error in the stream end with the client’s own error', async () => {
    // Far enough that every dialect has said something, and far from the end in each.
    for (const delivery of [{ endAfterBytes: 6_000 }, { cutAfterBytes: 6_000 }, { failAfterBytes: 6_000 }]) {
      upstream.respond(
        reply.text(
          Array.from({ length: 200 }, (_, at) => `word${at} `),
          delivery,
        ),
      );
      const answer = await ask(app.baseUrl, client, { model, isStream: true });
      expect(answer.status, JSON.stringify(delivery)).toBe(200);
      expect(client.endsWithError(answer.text), `${JSON.stringify(delivery)} ${answer.text.slice(-400)}`).toBe(true);
    }
  });

  test.each([
    [400, 400],
    [429, 429],
    [500, undefined],
  ])('an upstream’s %s is an error in the client’s dialect', async (status, expected) => {
    upstream.respond(reply.error({ status, message: 'the upstream said so' }));
    for (const isStream of [false, true]) {
      const answer = await ask(app.baseUrl, client, { model, isStream });
      if (expected === undefined) expect(answer.status).toBeGreaterThanOrEqual(500);
      else expect(answer.status, answer.text).toBe(expected);
      expect(String(client.readError(JSON.parse(answer.text)).message)).toContain('the upstream said so');
    }
  });

  test('a body over half a megabyte is converted as well', async () => {
    upstream.respond(reply.text(TEXT));
    const body = JSON.stringify(client.body(model, false)).replace('hé 漢', `hé 漢${'x'.repeat(600_000)}`);
    const response = await fetch(app.baseUrl + client.path(model, false), {
      method: 'POST',
      headers: client.headers,
      body,
    });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    expect(textIn(client, text)).toBe(TEXT.join(''));
    expect(upstream.violations).toEqual([]);
    expect(upstream.requests[0]?.body.toString('utf8').includes(`hé 漢${'x'.repeat(600_000)}`)).toBe(true);
  });
});

describe('x-proxycast-output', () => {
  const anthropic = DIALECTS.find(({ id }) => id === 'anthropic');
  if (anthropic === undefined) throw new Error('anthropic expected');

  test('native answers in the dialect of the model behind', async () => {
    upstream.respond(reply.text(TEXT));
    for (const isStream of [false, true]) {
      const answer = await ask(app.baseUrl, anthropic, {
        model: 'model-gemini',
        isStream,
        headers: { 'x-proxycast-output': 'native' },
      });
      expect(answer.status, answer.text).toBe(200);
      expect(answer.text).toContain('"candidates"');
      const gemini = DIALECTS.find(({ id }) => id === 'gemini');
      if (gemini !== undefined) expect(textIn(gemini, answer.text)).toBe(TEXT.join(''));
    }
  });

  test.each(DIALECTS)('$id is what the answer is written in when it is named', async (named) => {
    upstream.respond(reply.text(TEXT));
    for (const isStream of [false, true]) {
      for (const model of ['model-gemini', 'model-anthropic', 'proxycast-echo']) {
        const answer = await ask(app.baseUrl, anthropic, {
          model,
          isStream,
          headers: { 'x-proxycast-output': named.id },
        });
        expect(answer.status, answer.text).toBe(200);
        expect(textIn(named, answer.text)).toBe(model === 'proxycast-echo' ? 'hé 漢' : TEXT.join(''));
      }
    }
  });

  test('a dialect that is none is a 400 that names the choices', async () => {
    const answer = await ask(app.baseUrl, anthropic, {
      model: 'model-gemini',
      headers: { 'x-proxycast-output': 'klingon' },
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('native or one of openai, responses, anthropic, gemini');
  });
});
