import { expect, test } from 'vitest';
import { AnswerRecorder, EXCERPT_HEAD_BYTES, EXCERPT_TAIL_BYTES } from './answer-recorder.ts';

test('keeps a short answer whole', () => {
  const recorder = new AnswerRecorder();
  recorder.push(Buffer.from('he'));
  recorder.push(Buffer.from('llo'));
  expect(recorder.excerpt('sse')).toEqual({ framing: 'sse', head: 'hello', tail: 'hello', isWhole: true });
  expect(recorder.totalBytes).toBe(5);
});

test.each([1, 7, 100, 1000, 4096, 16_384, 16_385, 40_000, 100_000])(
  'keeps both ends of an answer in pieces of %s bytes',
  (size) => {
    const text = Array.from({ length: 15_000 }, (_, index) => `${index}.`).join('');
    const bytes = Buffer.from(text);
    const recorder = new AnswerRecorder();
    for (let at = 0; at < bytes.length; at += size) {
      recorder.push(bytes.subarray(at, at + size));
      const passed = Math.min(bytes.length, at + size);
      if (at % (size * 50) !== 0) continue;
      const { head, tail, isWhole } = recorder.excerpt('sse');
      expect(text.startsWith(head)).toBe(true);
      expect(text.slice(0, passed).endsWith(tail)).toBe(true);
      expect(isWhole).toBe(tail.length === passed);
      expect(tail.length).toBeGreaterThanOrEqual(Math.min(passed, EXCERPT_TAIL_BYTES));
    }
    const { head, tail, isWhole } = recorder.excerpt('sse');
    expect(isWhole).toBe(false);
    expect(head.length).toBeLessThanOrEqual(EXCERPT_HEAD_BYTES);
    expect(text.endsWith(tail)).toBe(true);
    expect(tail.length).toBe(EXCERPT_TAIL_BYTES);
    expect(recorder.totalBytes).toBe(bytes.length);
  },
);
