import { expect, test } from 'vitest';
import { renderChatRequest } from './render-chat-request.ts';

test.each([
  { bytes: 1024, messages: 3, tools: 0, isStream: false },
  { bytes: 150_000, messages: 135, tools: 25, isStream: true },
  { bytes: 2_000_000, messages: 400, tools: 0, isStream: false },
])('a request of $bytes bytes is exactly that long, with $messages messages and $tools tools', (shape) => {
  const body = renderChatRequest(shape);
  expect(body).toHaveLength(shape.bytes);
  const parsed: unknown = JSON.parse(body.toString());
  expect(parsed).toMatchObject({ model: 'bench-model', stream: shape.isStream });
  expect(parsed).toHaveProperty('messages.length', shape.messages);
  if (shape.tools > 0) expect(parsed).toHaveProperty('tools.length', shape.tools);
  else expect(parsed).not.toHaveProperty('tools');
});

test('the text has what makes a scan of it work: quotes, back slashes, line ends and wide characters', () => {
  const text = renderChatRequest({ bytes: 4000, messages: 2, tools: 0, isStream: false }).toString();
  for (const part of ['\\"', '\\\\', '\\n', '你好', 'é']) expect(text).toContain(part);
});

test('less than the messages take is refused', () => {
  const shape = { bytes: 1000, messages: 100, tools: 0, isStream: false };
  expect(() => renderChatRequest(shape)).toThrow(/at least \d+ bytes, not 1000/);
});
