import { expect, test } from 'vitest';
import { createLookUp } from './create-look-up.ts';

test('a name that an administrator trusts is looked up as the system does', async () => {
  const found = await createLookUp()('localhost', true);
  expect(found.map(({ address }) => address).some((address) => address === '127.0.0.1' || address === '::1')).toBe(
    true,
  );
});

test('a name that cannot be one is refused', async () => {
  await expect(createLookUp()('no..name', false)).rejects.toThrow();
});
