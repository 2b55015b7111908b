import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createStatementCache } from './statement-cache.ts';

test('a statement is prepared once, and only the most recently used ones are kept', () => {
  using database = new DatabaseSync(':memory:');
  const cache = createStatementCache(database, 2);
  const one = cache.prepare('select 1');
  const two = cache.prepare('select 2');
  expect(cache.prepare('select 1')).toBe(one);
  cache.prepare('select 3');
  expect(cache.prepare('select 1')).toBe(one);
  expect(cache.prepare('select 2')).not.toBe(two);
});

test('a changed schema is seen by a statement that was kept', () => {
  using database = new DatabaseSync(':memory:');
  const cache = createStatementCache(database, 10);
  cache.prepare('create table t (a)').statement.run();
  cache.prepare('insert into t values (1)').statement.run();
  expect(cache.prepare('select * from t').statement.all()).toEqual([{ a: 1 }]);
  cache.prepare('alter table t add column b default 2').statement.run();
  expect(cache.prepare('select * from t').statement.all()).toEqual([{ a: 1, b: 2 }]);
});

test('a write that answers rows is known from one that does not', () => {
  using database = new DatabaseSync(':memory:');
  const cache = createStatementCache(database, 10);
  cache.prepare('create table t (a)').statement.run();
  expect(cache.prepare('insert into t values (1) returning a').isReader).toBe(true);
  expect(cache.prepare('insert into t values (1)').isReader).toBe(false);
});
