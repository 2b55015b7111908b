import { expect, test } from 'vitest';
import { messageId } from './message-id.ts';

test.each([
  ['msg_01', 'msg_01'],
  ['chatcmpl-AbC', 'msg_AbC'],
  ['resp_01', 'msg_01'],
  ['gen-1700', 'msg_1700'],
  ['aB3-x_y', 'msg_aB3-x_y'],
  ['resp_', 'msg_resp_'],
  ['', 'msg_'],
])('%s is %s', (id, expected) => {
  expect(messageId(id)).toBe(expected);
});
