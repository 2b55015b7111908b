import { expect, test } from 'vitest';
import { renderChatAnswer } from './render-chat-answer.ts';

test.each([400, 1024, 150_000])('an answer of %i bytes is exactly that long, and JSON', (bytes) => {
  const answer = renderChatAnswer({ bytes, model: 'a-model' });
  expect(answer).toHaveLength(bytes);
  expect(JSON.parse(answer.toString())).toMatchObject({ object: 'chat.completion', model: 'a-model' });
});

test('less than an answer takes is refused', () => {
  expect(() => renderChatAnswer({ bytes: 100, model: 'a-model' })).toThrow(/at least \d+ bytes, not 100/);
});
