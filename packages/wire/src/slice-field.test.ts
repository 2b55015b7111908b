import { expect, test } from 'vitest';
import { sliceField } from './slice-field.ts';

test.each([
  ['{"response":{"a":1},"traceId":"t"}', '{"a":1}'],
  ['{ "traceId" : "t" , "response" : [1, {"response":2}] }', '[1, {"response":2}]'],
  ['{"x":"\\"response\\":1 }","response":"a\\\\"}', '"a\\\\"'],
  ['{"x":{"response":1},"response":true}', 'true'],
  ['{"response":-1.5e3 }', '-1.5e3'],
  ['{"response":{"text":"} ] \\" {"},"b":0}', '{"text":"} ] \\" {"}'],
  // What breaks off after the value is not looked at.
  ['{"response":{"a":1}', '{"a":1}'],
  ['{"响应":1,"response":{"文":"本"}}', '{"文":"本"}'],
])('%s', (text, found) => {
  expect(sliceField(text, 'response')).toBe(found);
});

test.each([
  '',
  'null',
  '[{"response":1}]',
  '{}',
  '{"other":1}',
  '{"response"',
  '{"response":',
  '{"response":{"a":[1}',
  '{"response":"broken',
  '{"response":12',
  '{"responses":1}',
])('nothing in %s', (text) => {
  expect(sliceField(text, 'response')).toBeUndefined();
});
