import { expect, test } from 'vitest';
import { z } from 'zod';
import { renderChatStream } from './render-chat-stream.ts';

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
