import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSecretIdSource } from './create-secret-id-source.ts';

test('ids are of 192 bits and never the same, over several draws', () => {
  let draws = 0;
  const newId = createSecretIdSource((size) => {
    draws++;
    return randomBytes(size);
  });
  const ids = Array.from({ length: 1_000 }, newId);
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{48}$/);
  expect(draws).toBe(4);
});
