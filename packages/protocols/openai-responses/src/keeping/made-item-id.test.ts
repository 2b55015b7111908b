import { expect, test } from 'vitest';
import { itemIdOf } from '../item/item-id.ts';
import { answerOfItem } from './made-item-id.ts';

test.each([
  'message',
  'reasoning',
  'function_call',
  'custom_tool_call',
  'image_generation_call',
  'web_search_call',
  'code_interpreter_call',
  'mcp_call',
] as const)('the id of a %s leads to the answer it was made from', (type) => {
  expect(answerOfItem(itemIdOf(type, 'resp_pc_abc_1', 3))).toBe('resp_pc_abc_1');
});

test('an id of a service leads nowhere', () => {
  expect(answerOfItem('ws_68c2e6f40ba48193')).toBeUndefined();
});
