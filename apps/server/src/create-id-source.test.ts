import { expect, test } from 'vitest';
import { createIdSource } from './create-id-source.ts';

test('makes ids that differ and sort by time', () => {
  let ms = 1_795_000_000_000;
  const newId = createIdSource(() => ms);
  const ids: string[] = [];
  for (let index = 0; index < 2000; index++) {
    ids.push(newId());
    ms += 1;
  }
  expect(new Set(ids).size).toBe(2000);
  expect([...ids].sort()).toEqual(ids);
  expect(ids[0]).toMatch(/^[0-9a-z]{22}$/);
});

test('makes different ids within one millisecond', () => {
  const newId = createIdSource(() => 1);
  expect(new Set(Array.from({ length: 10_000 }, newId)).size).toBe(10_000);
});
