import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, TARGETS, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
/** Not text in any encoding, and larger than one read of a socket. */
const SOUND = Buffer.from(Array.from({ length: 200_000 }, (_value, index) => (index * 7) % 256));

describe.each(TARGETS)('openai, beside chat, against %s', (name) => {
  let target: Target;
  let client: OpenAI;
  let model: string;

  beforeAll(async () => {
    target = await createTarget(name);
    client = new OpenAI({ apiKey: target.key, baseURL: `${target.baseUrl}/v1`, maxRetries: 0 });
  });
  afterAll(() => target?.close());
  beforeEach(async () => {
    target.upstream.reset();
    ({ model } = await target.provide('openai'));
  });

  test('embeddings, in the base64 the SDK asks for by itself', async () => {
    const { data } = await client.embeddings.create({ model, input: ['a', 'bb'] });
    expect(data.map(({ embedding }) => [...embedding])).toEqual([
      [0.375, 0, 0.125, -0.5],
      [0.5, 0.125, 0.125, -0.5],
    ]);
    expectNoViolations(target.upstream);
  });

  test('an image is made', async () => {
    const { data } = await client.images.generate({ model, prompt: 'A pixel' });
    expect(Buffer.from(data?.[0]?.b64_json ?? '', 'base64').equals(PNG)).toBe(true);
    expectNoViolations(target.upstream);
  });

  test('an image is edited: the form arrives whole, with the upstream’s model', async () => {
    const image = await toFile(PNG, 'pixel.png', { type: 'image/png' });
    const { data } = await client.images.edit({ model, image, prompt: 'Größer 🎉' });
    expect(data?.[0]?.b64_json).toBeTruthy();
    const [request] = target.upstream.requests;
    const parts = new Map(request?.parts.map((part) => [part.name, part]));
    expect(parts.get('model')?.bytes.toString()).toBe(model);
    expect(parts.get('prompt')?.bytes.toString()).toBe('Größer 🎉');
    expect(parts.get('image')?.fileName).toBe('pixel.png');
    expect(parts.get('image')?.bytes.equals(PNG)).toBe(true);
    expectNoViolations(target.upstream);
  });

  test('sound is transcribed: every byte of the file arrives', async () => {
    const file = await toFile(SOUND, 'speech.wav', { type: 'audio/wav' });
    const { text } = await client.audio.transcriptions.create({ model, file });
    expect(text).toBe('Heard 200000 bytes of speech.wav.');
    expect(target.upstream.requests[0]?.parts.find((part) => part.name === 'file')?.bytes.equals(SOUND)).toBe(true);
    expectNoViolations(target.upstream);
  });

  test('speech comes back as the bytes it is', async () => {
    const response = await client.audio.speech.create({ model, voice: 'alloy', input: 'Hello' });
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0xff, 0xfb, 0x90, 0x00, 0x0d, 0x0a, 0x00, 0xff]);
    expectNoViolations(target.upstream);
  });

  test('a text is moderated', async () => {
    const { results } = await client.moderations.create({ model, input: 'Hello' });
    expect(results[0]?.flagged).toBe(false);
    expectNoViolations(target.upstream);
  });

  test('documents are ranked', async () => {
    // The SDK has no method for it.
    const answer = await client.post<unknown>('/rerank', {
      body: { model, query: 'q', documents: ['a', 'b'] },
    });
    expect(answer).toMatchObject({ results: [{ index: 0 }, { index: 1 }] });
    expectNoViolations(target.upstream);
  });
});
