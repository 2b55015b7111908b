import { loadRecordings, type Recording } from '@proxycast/testkit';
import { expect, test } from 'vitest';

/** The page's scripts have no types: they run in browsers as they are. */
const { DIALECTS, errorOf } = await importScript('dialects.js');
const { readEvents } = await importScript('read-events.js');

const DIALECT_OF: Readonly<Record<string, string>> = {
  'openai-chat': 'openai',
  'openai-responses': 'responses',
  anthropic: 'anthropic',
  gemini: 'gemini',
};
const PROTOCOLS = Object.keys(DIALECT_OF);
const STREAMS = PROTOCOLS.flatMap((protocol) =>
  loadRecordings({ protocol, kind: 'stream' })
    .filter(({ file, status, framing }) => file.endsWith('.sse') && status === 200 && framing === 'as-recorded')
    .slice(0, 40),
);

test('a dialect is offered for every recorded protocol', () => {
  expect(Object.keys(DIALECTS).toSorted()).toEqual(Object.values(DIALECT_OF).toSorted());
  for (const protocol of PROTOCOLS)
    expect(STREAMS.filter((one) => one.protocol === protocol).length).toBeGreaterThan(3);
});

test.each(PROTOCOLS)('most recorded streams of %s show a text, and none of them undefined', async (protocol) => {
  const texts = await Promise.all(STREAMS.filter((one) => one.protocol === protocol).map((one) => textOf(one)));
  expect(texts.filter((text) => text.trim().length > 1).length).toBeGreaterThan(texts.length / 3);
  for (const text of texts) expect(text).not.toMatch(/undefined|\[object/);
});

test.each(PROTOCOLS)('a stream of %s reads the same wherever its bytes are cut', async (protocol) => {
  const streams = STREAMS.filter((one) => one.protocol === protocol && one.byteLength < 20_000);
  const [shortest] = streams.toSorted((a, b) => a.byteLength - b.byteLength);
  if (shortest === undefined) throw new Error(`There is no short recording of ${protocol}.`);
  const whole = await eventsOf(chunksOf(shortest.bytes(), shortest.byteLength));
  expect(whole.length).toBeGreaterThan(0);
  for (const size of [1, 2, 3, 7, 64]) expect(await eventsOf(chunksOf(shortest.bytes(), size))).toEqual(whole);
});

test('a character that is cut in two stays one', async () => {
  const bytes = Buffer.from('data: {"text":"你好 🌍"}\r\n\r\ndata: [DONE]\r\n\r\n');
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    expect(await eventsOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual([{ text: '你好 🌍' }]);
  }
});

test('whoever stops reading leaves the stream', async () => {
  let isLeft = false;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from('data: {}\n\n')),
    cancel() {
      isLeft = true;
    },
  });
  for await (const event of readEvents(body)) {
    expect(event).toEqual({});
    break;
  }
  expect(isLeft).toBe(true);
});

test('an event that is no JSON ends the reading', async () => {
  await expect(eventsOf([Buffer.from('data: <html>\n\n')])).rejects.toThrow(SyntaxError);
});

test.each([
  ['OpenAI', { error: { message: 'No such model.', code: 'model_not_found' } }, 'model_not_found', 'No such model.'],
  ['Anthropic', { type: 'error', error: { type: 'api_error', message: 'Broken.' } }, 'api_error', 'Broken.'],
  ['Gemini', { error: { code: 429, message: 'Slow down.', status: 'X' } }, '429', 'Slow down.'],
  ['Responses', { type: 'error', code: 'server_error', message: 'Broken.' }, 'server_error', 'Broken.'],
  ['Responses, at its end', { response: { error: { code: 'x', message: 'Broken.' } } }, 'x', 'Broken.'],
])('the error of %s is found', (_name, event, code, message) => {
  expect(errorOf(event)).toEqual({ code, message });
});

test.each([{}, { error: null }, { type: 'response.created', response: { error: null } }, undefined])(
  '%j is no error',
  (event) => {
    expect(errorOf(event)).toBeUndefined();
  },
);

test('a model name cannot leave its place in a path', () => {
  expect(DIALECTS.gemini.path('a/b?c#d')).toBe('/v1beta/models/a%2Fb%3Fc%23d:streamGenerateContent?alt=sse');
});

async function textOf(recording: Recording): Promise<string> {
  const events = await eventsOf([recording.bytes()]);
  const dialect = DIALECTS[DIALECT_OF[recording.protocol] ?? ''];
  return events.map((event) => dialect.textOf(event) ?? '').join('');
}

async function eventsOf(chunks: readonly Uint8Array[]): Promise<readonly unknown[]> {
  const events: unknown[] = [];
  for await (const event of readEvents(ReadableStream.from(chunks))) events.push(event);
  return events;
}

function chunksOf(bytes: Buffer, size: number): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

function importScript(name: string) {
  return import(new URL(name, import.meta.url).href);
}
