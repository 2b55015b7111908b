import { expect, test } from 'vitest';
import { openaiChat } from './openai-chat.ts';

test.each([
  ['{"code":11200,"message":"AppIdNoAuthError:(licc failed)","sid":"x"}', 'whole', 'authentication', '11200'],
  ['{"code":11201,"message":"daily limit","sid":"x"}', 'whole', 'quota-exhausted', '11201'],
  ['{ "code": 11202, "message": "qps limit" }', 'whole', 'rate-limited', '11202'],
  ['data:{"code":10013,"message":"input is refused","sid":"x"}\n\n', 'sse', 'invalid-request', '10013'],
  ['{"code":10013,"message":"input is refused"}', 'sse', 'invalid-request', '10013'],
  ['{"code":99999,"message":"other"}', 'whole', 'upstream-failed', '99999'],
] as const)('%s as %s is %s', (text, framing, kind, code) => {
  expect(openaiChat.findErrorInAnswer(text, framing)).toMatchObject({ kind, code });
});

test.each([
  ['{"code":0,"message":"Success","sid":"x","choices":[{"message":{"content":"hi"}}]}', 'whole'],
  ['data:{"code":0,"message":"Success","choices":[{"delta":{"content":"h"}}]}\n\n', 'sse'],
  ['{"code":7}', 'whole'],
] as const)('%s as %s is an answer', (text, framing) => {
  expect(openaiChat.findErrorInAnswer(text, framing)).toBeUndefined();
});
