import { expect, test } from 'vitest';
import { models } from './models.ts';

test('lists all models with their owners, created in seconds', () => {
  const model = { id: 'a', ownedBy: 'x', createdAt: 1_700_000_000_999 };
  const rendered = { id: 'a', object: 'model', created: 1_700_000_000, owned_by: 'x' };
  expect(models.renderList([model], new URLSearchParams())).toEqual({ object: 'list', data: [rendered] });
  expect(models.renderOne(model)).toEqual(rendered);
});
