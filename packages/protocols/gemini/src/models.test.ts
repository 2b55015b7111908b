import { InvalidRequestError } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { models } from './models.ts';

const ALL = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, ownedBy: 'x', createdAt: 0 }));
const list = (query: string): unknown => models.renderList(ALL, new URLSearchParams(query));
const page = (ids: readonly string[], nextPageToken?: string): unknown => ({
  models: ids.map((id) => ({
    name: `models/${id}`,
    displayName: id,
    description: 'Served by x.',
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  })),
  ...(nextPageToken === undefined ? {} : { nextPageToken }),
});

test.each([
  ['', page(['a', 'b', 'c', 'd', 'e'])],
  ['pageSize=2', page(['a', 'b'], 'b')],
  ['pageSize=2&pageToken=b', page(['c', 'd'], 'd')],
  ['pageSize=2&pageToken=d', page(['e'])],
  ['pageSize=0&pageToken=', page(['a', 'b', 'c', 'd', 'e'])],
  ['pageSize=-1', page(['a', 'b', 'c', 'd', 'e'])],
])('the list for %j', (query, expected) => {
  expect(list(query)).toEqual(expected);
});

test('a page token of another list is refused', () => {
  expect(() => list('pageToken=z')).toThrow(InvalidRequestError);
});
