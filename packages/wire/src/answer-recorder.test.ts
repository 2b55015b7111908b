import { expect, test } from 'vitest';
import { AnswerRecorder, EXCERPT_TAIL_BYTES } from './answer-recorder.ts';

test('keeps a short answer whole', () => {
  const recorder = new AnswerRecorder();
  recorder.push(Buffer.from('he'));
  recorder.push(Buffer.from('llo'));
  expect(recorder.excerpt('sse')).toEqual({ framing: 'sse', head: 'hello', tail: 'hello', isWhole: true });
  expect(recorder.totalBytes).toBe(5);
});

test('keeps the beginning and the end of a long one within bounds', () => {
  const recorder = new AnswerRecorder();
  const chunks = Array.from({ length: 5000 }, (_, index) => Buffer.from(`${index}`.padStart(100, '.')));
  for (const chunk of chunks) recorder.push(chunk);
  const excerpt = recorder.excerpt('sse');
  const text = Buffer.concat(chunks).toString();
  expect(excerpt.isWhole).toBe(false);
  expect(text.startsWith(excerpt.head)).toBe(true);
  expect(text.endsWith(excerpt.tail)).toBe(true);
  expect(excerpt.tail.length).toBeGreaterThanOrEqual(EXCERPT_TAIL_BYTES);
  expect(excerpt.tail.length).toBeLessThan(2 * EXCERPT_TAIL_BYTES);
  expect(recorder.totalBytes).toBe(text.length);
});
