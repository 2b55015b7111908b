import { StorageError } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { ConstraintError } from '../constraint-error.ts';
import { explainPostgresError } from './explain-postgres-error.ts';

const LABEL = 'me@db.example:5432/proxycast';
const withCode = (code: string): Error => Object.assign(new Error('words of the server'), { code });

test.each([
  ['53100', 'storage_full'],
  ['25006', 'storage_read_only'],
  ['40P01', 'storage_locked'],
  ['55P03', 'storage_locked'],
  ['XX001', 'storage_corrupt'],
  ['28P01', 'storage_unreachable'],
  ['3D000', 'storage_unreachable'],
  ['53300', 'storage_unreachable'],
  ['57P01', 'storage_unreachable'],
  ['57P03', 'storage_unreachable'],
  ['08006', 'storage_unreachable'],
  ['ECONNREFUSED', 'storage_unreachable'],
  ['EPIPE', 'storage_unreachable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'storage_unreachable'],
  ['57014', 'storage_failed'],
  ['42P01', 'storage_failed'],
])('%s is %s, and the address is named', (code, expected) => {
  const error = explainPostgresError(withCode(code), LABEL);
  expect(error).toMatchObject({ name: 'StorageError', code: expected });
  expect(error.message).toContain(LABEL);
  expect(error.message).not.toContain('words of the server');
});

test.each([
  ['23505', 'unique'],
  ['23503', 'foreign-key'],
  ['23502', 'other'],
])('%s breaks a %s rule', (code, constraint) => {
  expect(explainPostgresError(withCode(code), LABEL)).toMatchObject({ name: 'ConstraintError', constraint });
});

test.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'])(
  'what pg tells in words alone is known: %s',
  (words) => {
    expect(explainPostgresError(new Error(words), LABEL)).toMatchObject({ code: 'storage_unreachable' });
  },
);

test('what was explained stays as it is', () => {
  const storage = new StorageError({ code: 'storage_full', message: 'x' });
  const constraint = new ConstraintError('unique', undefined);
  expect(explainPostgresError(storage, LABEL)).toBe(storage);
  expect(explainPostgresError(constraint, LABEL)).toBe(constraint);
  expect(explainPostgresError(new TypeError('ours'), LABEL)).toMatchObject({ code: 'storage_failed' });
});
