import { expect, test } from 'vitest';
import { models } from './models.ts';

const ALL = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, ownedBy: 'x', createdAt: 1_700_000_000_123 }));
const list = (query: string): unknown => models.renderList(ALL, new URLSearchParams(query));
const page = (ids: readonly string[], hasMore: boolean): unknown => ({
  data: ids.map((id) => ({ type: 'model', id, display_name: id, created_at: '2023-11-14T22:13:20.123Z' })),
  has_more: hasMore,
  first_id: ids[0] ?? null,
  last_id: ids.at(-1) ?? null,
});

test.each([
  ['', page(['a', 'b', 'c', 'd', 'e'], false)],
  ['limit=2', page(['a', 'b'], true)],
  ['limit=2&after_id=b', page(['c', 'd'], true)],
  ['limit=2&after_id=d', page(['e'], false)],
  ['limit=2&after_id=e', page([], false)],
  ['limit=2&before_id=e', page(['c', 'd'], true)],
  ['limit=2&before_id=c', page(['a', 'b'], false)],
  ['limit=2&before_id=a', page([], false)],
  ['limit=0', page(['a'], true)],
  ['limit=many', page(['a', 'b', 'c', 'd', 'e'], false)],
])('the list for %j', (query, expected) => {
  expect(list(query)).toEqual(expected);
});
