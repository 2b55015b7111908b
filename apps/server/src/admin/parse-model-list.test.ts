import { expect, test } from 'vitest';
import { parseModelList } from './parse-model-list.ts';

test.each([
  ['{"data":[{"id":"a","owned_by":"x"},{"id":"b"}]}', [{ id: 'a', ownedBy: 'x' }, { id: 'b' }]],
  ['{"models":[{"name":"models/g"}]}', [{ id: 'g' }]],
  ['[{"id":"t"}]', [{ id: 't' }]],
  ['{"data":[{"id":1},null,{"id":""}]}', []],
  ['<html>', undefined],
  ['{"error":{}}', undefined],
  ['null', undefined],
])('%s', (text, expected) => {
  expect(parseModelList(text)).toEqual(expected);
});
