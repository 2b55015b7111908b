import { type CredentialChoice, parseCredentialId, parseProviderId, Secret } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { MAX_COOL_DOWN_MS } from './cool-down.ts';
import { createCredentialPool } from './credential-pool.ts';

const providerId = parseProviderId('p');
const NONE_TRIED = new Set<never>();
const a = parseCredentialId('a');
const b = parseCredentialId('b');

function setUp(choice: CredentialChoice = 'round_robin', weights: readonly number[] = []) {
  const clock = { ms: 1_000_000 };
  let seed = 7;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const pool = createCredentialPool({ now: () => clock.ms, random });
  const credentials = ['a', 'b', 'c'].map((id, index) => ({
    id: parseCredentialId(id),
    label: id,
    secret: new Secret(id),
    ...(weights[index] === undefined ? {} : { weight: weights[index] }),
  }));
  const chooseOne = (model = 'm', tried: ReadonlySet<ReturnType<typeof parseCredentialId>> = NONE_TRIED) =>
    pool.choose({ providerId, credentials, tried, choice, model })?.id;
  const chooseMany = (count: number, model = 'm') => Array.from({ length: count }, () => chooseOne(model)).join('');
  const refuse = (id: typeof a, times = 1) => {
    for (let at = 0; at < times; at++) pool.report(id, { type: 'failed', kind: 'authentication' }, 'm');
  };
  return { clock, pool, chooseOne, chooseMany, refuse };
}

describe('choice', () => {
  test('in turn', () => {
    expect(setUp().chooseMany(7)).toBe('abcabca');
  });

  test('the first that may be used', () => {
    const { pool, chooseMany } = setUp('fill_first');
    expect(chooseMany(3)).toBe('aaa');
    pool.report(a, { type: 'failed', kind: 'rate-limited', retryAfterMs: 5_000 }, 'm');
    expect(chooseMany(3)).toBe('bbb');
  });

  test('the least used, also after one was away', () => {
    const { clock, pool, chooseMany } = setUp('least_used');
    expect(chooseMany(6)).toBe('abcabc');
    pool.report(a, { type: 'failed', kind: 'rate-limited', retryAfterMs: 5_000 }, 'm');
    expect(chooseMany(4)).toBe('bcbc');
    clock.ms += 5_000;
    expect(chooseMany(3)).toBe('aaa');
  });

  test.each([
    ['random', [], [1, 1, 1]],
    ['weighted', [6, 3, 1], [6, 3, 1]],
    ['weighted', [0, 1, 1], [0, 1, 1]],
  ] as const)('%s with weights %o spreads as %o', (choice, weights, shares) => {
    const chosen = setUp(choice, weights).chooseMany(3_000);
    const total = shares.reduce<number>((sum, share) => sum + share, 0);
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      const expected = (3_000 * (shares[index] ?? 0)) / total;
      const count = [...chosen].filter((character) => character === id).length;
      expect(Math.abs(count - expected), `${id}: ${count} for ${expected}`).toBeLessThanOrEqual(120);
    }
  });

  test.each(['round_robin', 'least_used', 'weighted'] as const)(
    '%s takes at most 5 µs among a hundred keys',
    (choice) => {
      const pool = createCredentialPool({ now: () => 1_000 });
      const credentials = Array.from({ length: 100 }, (_, index) => ({
        id: parseCredentialId(`k${index}`),
        label: 'k',
        secret: new Secret('k'),
      }));
      for (const { id } of credentials.slice(0, 30)) pool.report(id, { type: 'failed', kind: 'rate-limited' }, 'm');
      // Short runs: the best of many is one that the machine did not interrupt, however busy it is.
      const rounds = 500;
      const run = (): number => {
        const startedMs = performance.now();
        for (let at = 0; at < rounds; at++)
          pool.choose({ providerId, credentials, tried: NONE_TRIED, choice, model: 'm' });
        return ((performance.now() - startedMs) * 1_000) / rounds;
      };
      expect(Math.min(...Array.from({ length: 200 }, run))).toBeLessThanOrEqual(5);
    },
  );
});

describe('rest', () => {
  test('one that rests is passed over and taken again when the time is up', () => {
    const { clock, pool, chooseMany } = setUp();
    pool.report(b, { type: 'failed', kind: 'rate-limited', retryAfterMs: 5_000 }, 'm');
    expect(chooseMany(4)).toBe('acac');
    clock.ms += 5_000;
    expect(chooseMany(3)).toBe('abc');
  });

  test('a limit of one model leaves the others alone, a refused key rests for all', () => {
    const { clock, pool, chooseMany, refuse } = setUp();
    pool.report(a, { type: 'failed', kind: 'rate-limited', retryAfterMs: 5_000 }, 'm');
    expect(chooseMany(2)).toBe('bc');
    expect(chooseMany(3, 'other')).toBe('abc');
    refuse(b);
    expect(chooseMany(2, 'other')).toBe('ac');
    expect(pool.stateOf(a)).toEqual({ type: 'active' });
    expect(pool.stateOf(a, 'm')).toMatchObject({ type: 'cooldown', model: 'm' });
    expect(pool.restingModels(a)).toEqual([{ model: 'm', until: clock.ms + 5_000, cause: 'rate-limited' }]);
    clock.ms += 5_000;
    expect(pool.restingModels(a)).toEqual([]);
  });

  test('the one that recovers first is taken when all rest', () => {
    const { pool, chooseOne } = setUp();
    for (const [id, retryAfterMs] of [
      ['a', 9_000],
      ['b', 3_000],
      ['c', 6_000],
    ] as const) {
      pool.report(parseCredentialId(id), { type: 'failed', kind: 'rate-limited', retryAfterMs }, 'm');
    }
    expect(chooseOne()).toBe('b');
    expect(chooseOne('m', new Set([b]))).toBe('c');
  });

  test('there is none when every credential was tried', () => {
    expect(setUp().chooseOne('m', new Set(['a', 'b', 'c'].map(parseCredentialId)))).toBeUndefined();
  });

  test.each(['invalid-request', 'too-large', 'not-found', 'overloaded', 'timeout', 'upstream-failed'] as const)(
    'never for %s',
    (kind) => {
      const { pool } = setUp();
      for (let at = 0; at < 5; at++) pool.report(a, { type: 'failed', kind }, 'm');
      expect(pool.stateOf(a, 'm')).toEqual({ type: 'active' });
    },
  );

  test('what an upstream asks for is capped, grows without a hint, and a success lifts it', () => {
    const { clock, pool } = setUp();
    pool.report(a, { type: 'failed', kind: 'rate-limited', retryAfterMs: 86_400_000 }, 'm');
    expect(pool.stateOf(a, 'm')).toMatchObject({ until: clock.ms + MAX_COOL_DOWN_MS });
    pool.report(a, { type: 'failed', kind: 'rate-limited' }, 'm');
    expect(pool.stateOf(a, 'm')).toMatchObject({ until: clock.ms + 2_000, strikes: 2 });
    pool.report(a, { type: 'succeeded' }, 'm');
    expect(pool.stateOf(a, 'm')).toEqual({ type: 'active' });
  });
});

describe('three strikes', () => {
  test('make a credential unhealthy; one request at a time probes it, further apart each time', () => {
    const { clock, pool, chooseMany, refuse } = setUp();
    refuse(a, 2);
    expect(pool.stateOf(a)).toMatchObject({ type: 'cooldown', strikes: 2 });
    refuse(a);
    expect(pool.stateOf(a)).toMatchObject({ type: 'unhealthy', strikes: 3, nextProbeAt: clock.ms + 300_000 });
    expect(chooseMany(4)).toBe('bcbc');
    clock.ms += 300_000;
    expect(chooseMany(3)).toBe('abc');
    refuse(a);
    expect(pool.stateOf(a)).toMatchObject({ type: 'unhealthy', strikes: 4, nextProbeAt: clock.ms + 600_000 });
    clock.ms += 600_000;
    expect(chooseMany(1)).toBe('a');
    pool.report(a, { type: 'succeeded' }, 'm');
    expect(pool.stateOf(a)).toEqual({ type: 'active' });
  });

  test('a person may lift them', () => {
    const { pool, refuse } = setUp();
    refuse(a, 5);
    pool.reset(a);
    expect(pool.stateOf(a)).toEqual({ type: 'active' });
  });

  test('are forgotten with the credential', () => {
    const { pool, refuse } = setUp();
    refuse(a, 5);
    pool.retain(new Set([b]));
    expect(pool.stateOf(a)).toEqual({ type: 'active' });
  });
});

describe('what a provider says of its credential', () => {
  test.each([
    [{ type: 'needs_login', reason: 'The session has ended.' }],
    [{ type: 'suspended', words: 'This account was closed.' }],
  ] as const)('%o ends its use, even where no other is left', (condition) => {
    const { pool, chooseMany, chooseOne } = setUp();
    pool.report(a, { type: 'failed', kind: 'permission', condition }, 'm');
    expect(pool.stateOf(a)).toEqual(condition);
    expect(chooseMany(4)).toBe('bcbc');
    expect(chooseOne('m', new Set([b, parseCredentialId('c')]))).toBeUndefined();
    // What runs still may fail or succeed: neither brings it back.
    pool.report(a, { type: 'failed', kind: 'rate-limited' }, 'm');
    pool.report(a, { type: 'succeeded' }, 'm');
    expect(pool.stateOf(a)).toEqual(condition);
    expect([pool.isOutOfUse(a), pool.isOutOfUse(b)]).toEqual([true, false]);
    pool.reset(a);
    expect(pool.isOutOfUse(a)).toBe(false);
    expect(pool.stateOf(a)).toEqual({ type: 'active' });
  });

  test('is told once to whoever keeps it over a restart', () => {
    const told: unknown[] = [];
    const pool = createCredentialPool({ now: () => 1, onEnded: (id, state) => void told.push([id, state]) });
    const condition = { type: 'suspended', words: 'Closed.' } as const;
    for (let at = 0; at < 3; at++) pool.report(a, { type: 'failed', kind: 'permission', condition }, 'm');
    expect(told).toEqual([[a, condition]]);
  });

  test('a rest for one model or for all, as long as it says and no longer than the bound', () => {
    const { clock, pool } = setUp();
    const until = clock.ms + 7_000;
    pool.report(a, { type: 'failed', kind: 'quota-exhausted', coolDown: { until, scope: 'model' } }, 'm');
    expect(pool.stateOf(a)).toEqual({ type: 'active' });
    expect(pool.stateOf(a, 'm')).toMatchObject({ type: 'cooldown', until });
    pool.report(b, { type: 'failed', kind: 'rate-limited', coolDown: { until: clock.ms + 9e9, scope: 'all' } }, 'm');
    expect(pool.stateOf(b)).toMatchObject({ type: 'cooldown', until: clock.ms + MAX_COOL_DOWN_MS });
  });

  test('that its token has to be refreshed is no strike: it rests, and whoever refreshes it is told', () => {
    const refused: string[] = [];
    const pool = createCredentialPool({
      now: () => 1_000,
      onTokenRefused: (id, sentAt) => refused.push(`${id} at ${sentAt}`),
    });
    const condition = { type: 'refresh' } as const;
    for (let times = 0; times < 5; times++) {
      pool.report(
        a,
        { type: 'failed', kind: 'authentication', condition, ...(times === 4 ? { sentAt: 700 } : {}) },
        'm',
      );
      expect(pool.stateOf(a)).toEqual({ type: 'cooldown', until: 61_000, cause: 'authentication', strikes: 0 });
    }
    expect(refused).toEqual(['a at 1000', 'a at 1000', 'a at 1000', 'a at 1000', 'a at 700']);
    pool.report(b, { type: 'failed', kind: 'permission', condition: { type: 'needs_login', reason: 'Over.' } }, 'm');
    pool.report(b, { type: 'failed', kind: 'authentication', condition }, 'm');
    expect(refused).toHaveLength(5);
    pool.reset(a);
    expect(pool.stateOf(a)).toEqual({ type: 'active' });
  });
});
