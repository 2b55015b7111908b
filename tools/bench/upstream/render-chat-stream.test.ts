import { expect, test } from 'vitest';
import { z } from 'zod';
import { FIRST_TOKEN, renderChatStream, textOfChatStream } from './render-chat-stream.ts';

const chunkSchema = z.object({
  model: z.literal('a-model'),
  choices: z.array(
    z.object({ delta: z.object({ content: z.string().optional() }), finish_reason: z.string().nullable() }),
  ),
  usage: z.object({ completion_tokens: z.number() }).nullable(),
});

test.each([2, 3, 300])(
  'a stream of %i chunks is that many writes of whole events, and ends as a vendor ends it',
  (chunks) => {
    const writes = renderChatStream({ chunks, model: 'a-model' });
    expect(writes).toHaveLength(chunks);
    for (const write of writes) expect(write.toString()).toMatch(/^data: .*\n\n$/s);

    const events = Buffer.concat([...writes])
      .toString()
      .split('\n\n')
      .slice(0, -1);
    expect(events).toHaveLength(chunks + 2);
    expect(events.at(-1)).toBe('data: [DONE]');
    const parsed = events.slice(0, -1).map((event) => chunkSchema.parse(JSON.parse(event.slice('data: '.length))));
    expect(parsed.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: chunks } });
    expect(parsed.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(
      parsed.slice(0, -2).every(({ choices, usage }) => choices[0]?.finish_reason === null && usage === null),
    ).toBe(true);
  },
);

test('chunks are of the size vendors send', () => {
  const [, ...middle] = renderChatStream({ chunks: 100, model: 'bench-model' }).slice(0, -1);
  for (const { length } of middle) expect(length).toSatisfy((bytes: number) => bytes > 190 && bytes < 290);
});

test('one chunk is no stream', () => {
  expect(() => renderChatStream({ chunks: 1, model: 'a-model' })).toThrow(RangeError);
});

test('what a stream says is told, beginning with its first token', () => {
  const events = Buffer.concat([...renderChatStream({ chunks: 30, model: 'a-model' })])
    .toString()
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => chunkSchema.parse(JSON.parse(event.slice('data: '.length))));
  const text = events.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
  expect(text).toBe(textOfChatStream(30));
  expect(text.startsWith(FIRST_TOKEN)).toBe(true);
});
