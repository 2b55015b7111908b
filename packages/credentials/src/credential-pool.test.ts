import { parseCredentialId, parseProviderId, Secret } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { MAX_COOL_DOWN_MS } from './cool-down.ts';
import { createCredentialPool } from './credential-pool.ts';

const provider = parseProviderId('p');
const credentials = ['a', 'b', 'c'].map((id) => ({ id: parseCredentialId(id), label: id, secret: new Secret(id) }));
const NONE_TRIED = new Set<never>();

function setUp() {
  const clock = { ms: 1_000_000 };
  const pool = createCredentialPool({ now: () => clock.ms });
  const chooseMany = (count: number) =>
    Array.from({ length: count }, () => pool.choose(provider, credentials, NONE_TRIED)?.id).join('');
  return { clock, pool, chooseMany };
}

test('takes credentials in turn', () => {
  expect(setUp().chooseMany(7)).toBe('abcabca');
});

test('passes over one that is cooling down and takes it again when the time is up', () => {
  const { clock, pool, chooseMany } = setUp();
  pool.report(parseCredentialId('b'), { type: 'failed', kind: 'rate-limited', retryAfterMs: 5_000 });
  expect(chooseMany(4)).toBe('acac');
  clock.ms += 5_000;
  expect(chooseMany(3)).toBe('abc');
});

test('takes the one that recovers first when all are cooling down', () => {
  const { pool } = setUp();
  for (const [id, retryAfterMs] of [
    ['a', 9_000],
    ['b', 3_000],
    ['c', 6_000],
  ] as const) {
    pool.report(parseCredentialId(id), { type: 'failed', kind: 'rate-limited', retryAfterMs });
  }
  expect(pool.choose(provider, credentials, NONE_TRIED)?.id).toBe('b');
  expect(pool.choose(provider, credentials, new Set([parseCredentialId('b')]))?.id).toBe('c');
});

test('answers undefined when every credential was tried', () => {
  const { pool } = setUp();
  expect(pool.choose(provider, credentials, new Set(credentials.map(({ id }) => id)))).toBeUndefined();
});

test.each(['invalid-request', 'too-large', 'not-found', 'overloaded', 'timeout', 'upstream-failed'] as const)(
  'never cools down for %s',
  (kind) => {
    const { pool } = setUp();
    pool.report(parseCredentialId('a'), { type: 'failed', kind });
    expect(pool.stateOf(parseCredentialId('a'))).toEqual({ type: 'active' });
  },
);

test('caps what an upstream asks for, grows without a hint, and is lifted by a success', () => {
  const { clock, pool } = setUp();
  const id = parseCredentialId('a');
  pool.report(id, { type: 'failed', kind: 'rate-limited', retryAfterMs: 86_400_000 });
  expect(pool.stateOf(id)).toMatchObject({ until: clock.ms + MAX_COOL_DOWN_MS });
  pool.report(id, { type: 'failed', kind: 'rate-limited' });
  expect(pool.stateOf(id)).toMatchObject({ until: clock.ms + 2_000, strikes: 2 });
  pool.report(id, { type: 'succeeded' });
  expect(pool.stateOf(id)).toEqual({ type: 'active' });
});
