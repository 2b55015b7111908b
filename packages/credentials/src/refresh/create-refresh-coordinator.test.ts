import { type CredentialId, Secret, type SharedRefreshes } from '@proxycast/spec';
import { createFakeClock, createGate, type FakeClock } from '@proxycast/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryRefreshes } from '../testing/memory-refreshes.ts';
import { INTERRUPTED } from './advance-refresh.ts';
import { createRefreshCoordinator, type RefreshCoordinatorParts } from './create-refresh-coordinator.ts';
import type { EndedStatus, ExchangeResult, RefreshOutcome, StoredCredential } from './refresh-state.ts';

const REFUSED: EndedStatus = { type: 'needs_login', reason: 'The service does not know the login any more.' };
const LEASE_MS = 90_000;

let clock: FakeClock;
let memory: ReturnType<typeof createMemoryRefreshes>;
let id: CredentialId;
let spent: string[];

beforeEach(() => {
  clock = createFakeClock();
  memory = createMemoryRefreshes(clock.now);
  id = memory.insert('c', 'token-1', { expiresAt: clock.now() + 60_000 });
  spent = [];
});

const renewed = (token: string): ExchangeResult => ({
  type: 'renewed',
  data: new Secret(token),
  expiresAt: clock.now() + 3_600_000,
});
function exchangeOf(answer: (token: string) => ExchangeResult | Promise<ExchangeResult>) {
  return async ({ data }: StoredCredential): Promise<ExchangeResult> => {
    spent.push(data.reveal());
    return await answer(data.reveal());
  };
}
const rotate = exchangeOf((token) => renewed(`token-${Number(token.slice(6)) + 1}`));

function coordinator(changes: Partial<RefreshCoordinatorParts> = {}) {
  return createRefreshCoordinator({
    refreshes: memory.refreshes,
    read: memory.read,
    exchange: rotate,
    owner: 'me',
    now: clock.now,
    random: () => 0.5,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) resolve();
        signal?.addEventListener('abort', () => resolve());
        clock.setTimeout(resolve, delayMs);
      }),
    ...changes,
  });
}
/** Moves the clock until it is settled. */
async function settled<Value>(promise: Promise<Value>, stepMs = 100): Promise<Value> {
  let isSettled = false;
  const mark = (): void => {
    isSettled = true;
  };
  promise.then(mark, mark);
  for (let steps = 0; !isSettled && steps < 20_000; steps++) await clock.advanceAsync(stepMs);
  return await promise;
}
async function stored() {
  const credential = await memory.read(id);
  return [credential?.record.version, credential?.data.reveal(), credential?.record.status];
}

test('a hundred that ask at once get what one exchange gave', async () => {
  const { refresh } = coordinator();
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, () => refresh({ id, reason: 'rejected', seenVersion: 1 })),
  );
  for (const outcome of outcomes) expect(outcome).toMatchObject({ type: 'refreshed', version: 2 });
  expect(spent).toEqual(['token-1']);
  expect(await stored()).toEqual([2, 'token-2', { type: 'active' }]);
  // One that had not heard of it yet.
  expect(await refresh({ id, reason: 'rejected', seenVersion: 1 })).toMatchObject({ type: 'current', version: 2 });
  expect(await refresh({ id, reason: 'rejected', seenVersion: 2 })).toMatchObject({ type: 'refreshed', version: 3 });
  expect(memory.holderOf(id)).toBeUndefined();
});

test('who asks in another process waits for the one under way, and for no longer than it was told', async () => {
  const gate = createGate();
  const first = coordinator({
    exchange: exchangeOf(async () => {
      await gate.wait();
      return renewed('token-2');
    }),
  });
  const running = first.refresh({ id, reason: 'expiry', seenVersion: 1 });
  await gate.arrived(1);
  const patient = coordinator({ owner: 'other' }).refresh({ id, reason: 'rejected', seenVersion: 1 });
  const hasty = coordinator({ owner: 'third', waitMs: 2_000 }).refresh({ id, reason: 'rejected', seenVersion: 1 });
  expect(await settled(hasty)).toEqual({ type: 'busy' });
  gate.open();
  expect(await running).toMatchObject({ type: 'refreshed', version: 2 });
  expect(await settled(patient)).toMatchObject({ type: 'current', version: 2 });
  expect(spent).toEqual(['token-1']);
});

test('who asked with the token of a refresh that is just ending starts another', async () => {
  const gate = createGate();
  const { refresh } = coordinator({
    refreshes: {
      ...memory.refreshes,
      save: async (...save) => {
        const isSaved = await memory.refreshes.save(...save);
        await gate.wait();
        return isSaved;
      },
    },
  });
  const first = refresh({ id, reason: 'expiry', seenVersion: 1 });
  await gate.arrived(1);
  const second = refresh({ id, reason: 'rejected', seenVersion: 2 });
  gate.open();
  expect(await first).toMatchObject({ type: 'refreshed', version: 2 });
  expect(await second).toMatchObject({ type: 'refreshed', version: 3 });
  expect(spent).toEqual(['token-1', 'token-2']);
});

test('a failure that spent nothing rests longer each time, for all processes but not for a person', async () => {
  let answer: ExchangeResult = { type: 'failed', message: 'It is down.' };
  const parts = { exchange: exchangeOf(() => answer), random: () => 0 };
  const one = coordinator(parts);
  const other = coordinator(parts);
  const ask = (by: typeof one) => by.refresh({ id, reason: 'expiry', seenVersion: 1 });
  const restMs = async (outcome: Promise<RefreshOutcome>) => {
    const settledOutcome = await outcome;
    return settledOutcome.type === 'postponed' ? settledOutcome.until - clock.now() : settledOutcome;
  };
  expect(await restMs(ask(one))).toBe(10_000);
  expect([await restMs(ask(one)), await restMs(ask(other))]).toEqual([10_000, 10_000]);
  clock.advance(10_000);
  expect(await restMs(ask(other))).toBe(20_000);
  expect(spent).toHaveLength(2);
  answer = { type: 'failed', message: 'Slower.', retryAfterMs: 45_000 };
  expect(await restMs(one.refresh({ id, reason: 'person' }))).toBe(45_000);
  expect((await memory.read(id))?.record.status).toEqual({ type: 'active' });
  answer = renewed('token-2');
  expect(await other.refresh({ id, reason: 'person' })).toMatchObject({ type: 'refreshed' });
});

describe('a refusal', () => {
  const refuse = exchangeOf(() => ({ type: 'refused', status: REFUSED }));

  test('ends the credential with its reason, and its token is not tried again', async () => {
    const { refresh } = coordinator({ exchange: refuse });
    expect(await refresh({ id, reason: 'expiry', seenVersion: 1 })).toEqual({ type: 'ended', status: REFUSED });
    expect(await refresh({ id, reason: 'rejected', seenVersion: 1 })).toEqual({ type: 'ended', status: REFUSED });
    expect(await refresh({ id, reason: 'person' })).toEqual({ type: 'ended', status: REFUSED });
    expect(spent).toEqual(['token-1']);
    expect(memory.holderOf(id)).toBeUndefined();
  });

  test('of a token older than what was adopted meanwhile is no strike and deletes nothing', async () => {
    const gate = createGate();
    const parts = coordinator({
      exchange: exchangeOf(async () => {
        await gate.wait();
        return { type: 'refused', status: REFUSED };
      }),
    });
    const refreshing = parts.refresh({ id, reason: 'rejected', seenVersion: 1 });
    await gate.arrived(1);
    const theirs = { data: new Secret('theirs'), expiresAt: clock.now() + 3_600_000 };
    expect(await parts.adopt(id, theirs)).toBe('adopted');
    gate.open();
    expect(await settled(refreshing)).toMatchObject({ type: 'current', version: 2 });
    expect(await stored()).toEqual([2, 'theirs', { type: 'active' }]);
  });

  test('is not believed while somebody else keeps a newer token of the same login', async () => {
    const theirs = { data: new Secret('theirs'), expiresAt: clock.now() + 3_600_000 };
    const { refresh } = coordinator({ exchange: refuse, findElsewhere: async () => theirs });
    expect(await refresh({ id, reason: 'rejected', seenVersion: 1 })).toMatchObject({ type: 'adopted', version: 2 });
    expect(await stored()).toEqual([2, 'theirs', { type: 'active' }]);
    expect(memory.holderOf(id)).toBeUndefined();
    // Theirs was refused too, and nothing newer is there.
    expect(await refresh({ id, reason: 'rejected', seenVersion: 2 })).toEqual({ type: 'ended', status: REFUSED });
  });

  test.each([
    ['the same', () => ({ data: new Secret('token-1'), expiresAt: clock.now() + 3_600_000 })],
    ['older', () => ({ data: new Secret('old'), expiresAt: clock.now() + 59_999 })],
    ['nothing that can be read', () => Promise.reject(new Error('no such file'))],
  ])('is believed where what is kept elsewhere is %s', async (_name, find) => {
    const { refresh } = coordinator({ exchange: refuse, findElsewhere: async () => await find() });
    expect(await refresh({ id, reason: 'expiry', seenVersion: 1 })).toMatchObject({ type: 'ended' });
  });
});

describe('a token that somebody else wrote', () => {
  test.each([
    ['newer', { token: 'theirs', inMs: 60_001 }, 'adopted'],
    ['older', { token: 'theirs', inMs: 59_999 }, 'older'],
    ['the one that is stored', { token: 'token-1', inMs: 3_600_000 }, 'older'],
    ['of unknown age', { token: 'theirs' }, 'older'],
  ])('and that is %s is treated so', async (_name, { token, inMs }: { token: string; inMs?: number }, verdict) => {
    const found = { data: new Secret(token), ...(inMs === undefined ? {} : { expiresAt: clock.now() + inMs }) };
    expect(await coordinator().adopt(id, found)).toBe(verdict);
    expect((await memory.read(id))?.data.reveal()).toBe(verdict === 'adopted' ? token : 'token-1');
  });

  test('revives a credential that needs a login, and what was marked before it keeps nobody', async () => {
    memory.setStatus(id, 1, INTERRUPTED);
    const one = coordinator();
    expect(await one.adopt(id, { data: new Secret('token-7') })).toBe('adopted');
    expect(await one.refresh({ id, reason: 'rejected', seenVersion: 2 })).toMatchObject({ version: 3 });
    memory.remove(id);
    expect(await one.adopt(id, { data: new Secret('token-9') })).toBe('gone');
    expect(await one.refresh({ id, reason: 'person' })).toEqual({ type: 'gone' });
  });
});

test('an exchange that was cut off leaves its mark: no blind retry, by nobody', async () => {
  const parts = {
    exchange: exchangeOf(() => {
      throw new Error('connection reset');
    }),
  };
  expect(await coordinator(parts).refresh({ id, reason: 'expiry', seenVersion: 1 })).toEqual({
    type: 'ended',
    status: INTERRUPTED,
  });
  expect(await coordinator(parts).refresh({ id, reason: 'person' })).toEqual({ type: 'ended', status: INTERRUPTED });
  expect(spent).toEqual(['token-1']);
});

describe('a process that ends', () => {
  const never = (): Promise<never> => new Promise(() => {});
  /** The step does not come back, or is not begun. */
  type Cut = {
    readonly step: 'take' | 'startAttempt' | 'exchange' | 'save' | 'end';
    readonly when: 'before' | 'after';
  };

  function cutOff(
    { step, when }: Cut,
    exchange: RefreshCoordinatorParts['exchange'],
  ): Partial<RefreshCoordinatorParts> {
    const cut =
      <Args extends readonly unknown[], Result>(run: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        if (when === 'after') await run(...args);
        return await never();
      };
    const { refreshes } = memory;
    const cuts: Readonly<Record<Cut['step'], Partial<RefreshCoordinatorParts>>> = {
      take: { refreshes: { ...refreshes, take: cut(refreshes.take) } },
      startAttempt: { refreshes: { ...refreshes, startAttempt: cut(refreshes.startAttempt) } },
      exchange: { exchange: cut(exchange) },
      save: { refreshes: { ...refreshes, save: cut(refreshes.save) } },
      end: { refreshes: { ...refreshes, end: cut(refreshes.end) } },
    };
    return { exchange, ...cuts[step] };
  }

  test.each<[Cut, string, readonly string[]]>([
    [{ step: 'take', when: 'before' }, 'refreshed', ['token-1']],
    [{ step: 'take', when: 'after' }, 'refreshed', ['token-1']],
    [{ step: 'startAttempt', when: 'before' }, 'refreshed', ['token-1']],
    [{ step: 'startAttempt', when: 'after' }, 'ended', []],
    [{ step: 'exchange', when: 'before' }, 'ended', []],
    [{ step: 'exchange', when: 'after' }, 'ended', ['token-1']],
    [{ step: 'save', when: 'before' }, 'ended', ['token-1']],
    [{ step: 'save', when: 'after' }, 'current', ['token-1']],
  ])('at %o leaves a credential that is %s for the next, and the tokens spent are %o', async (cut, type, tokens) => {
    void coordinator(cutOff(cut, rotate)).refresh({ id, reason: 'rejected', seenVersion: 1 });
    await clock.advanceAsync(1_000);
    const outcome = await settled(
      coordinator({ owner: 'next' }).refresh({ id, reason: 'rejected', seenVersion: 1 }),
      1_000,
    );
    expect(outcome.type).toBe(type);
    expect(spent).toEqual(tokens);
    const [, , status] = await stored();
    expect(status).toEqual(type === 'ended' ? INTERRUPTED : { type: 'active' });
    // What turns up newer is good again.
    expect(await coordinator().adopt(id, { data: new Secret('token-50'), expiresAt: clock.now() + 1e9 })).toBe(
      'adopted',
    );
    const after = await coordinator().refresh({ id, reason: 'rejected', seenVersion: Number((await stored())[0]) });
    expect(after).toMatchObject({ type: 'refreshed' });
  });

  test.each(['before', 'after'] as const)('%s it could say that the login ended: the next says so', async (when) => {
    const refuse = exchangeOf(() => ({ type: 'refused', status: REFUSED }));
    void coordinator(cutOff({ step: 'end', when }, refuse)).refresh({ id, reason: 'expiry', seenVersion: 1 });
    await clock.advanceAsync(1_000);
    const next = coordinator({ owner: 'next' }).refresh({ id, reason: 'expiry', seenVersion: 1 });
    expect(await settled(next, 1_000)).toEqual({ type: 'ended', status: when === 'before' ? INTERRUPTED : REFUSED });
    expect(spent).toEqual(['token-1']);
  });
});

test('one that was only slow saves what it got, though another has given it up', async () => {
  const gate = createGate();
  const slow = coordinator({
    exchange: exchangeOf(async () => {
      await gate.wait();
      return renewed('token-2');
    }),
  }).refresh({ id, reason: 'expiry', seenVersion: 1 });
  await gate.arrived(1);
  clock.advance(LEASE_MS);
  const next = coordinator({ owner: 'next' }).refresh({ id, reason: 'expiry', seenVersion: 1 });
  expect(await settled(next)).toEqual({ type: 'ended', status: INTERRUPTED });
  gate.open();
  expect(await slow).toMatchObject({ type: 'refreshed', version: 2 });
  expect(await stored()).toEqual([2, 'token-2', { type: 'active' }]);
  expect(spent).toEqual(['token-1']);
});

describe('a database that fails', () => {
  const broken = new Error('disk full');
  /** Fails so many times at that step. */
  function failing(step: keyof SharedRefreshes, times: number): SharedRefreshes {
    let left = times;
    return new Proxy(memory.refreshes, {
      get: (target, name: keyof SharedRefreshes) => {
        if (name !== step || left === 0) return target[name];
        left--;
        return () => Promise.reject(broken);
      },
    });
  }

  test('while the new token is saved is asked again and again, as long as it may take', async () => {
    const { refresh } = coordinator({ refreshes: failing('save', 6) });
    expect(await settled(refresh({ id, reason: 'expiry', seenVersion: 1 }))).toMatchObject({ type: 'refreshed' });
    expect(await stored()).toEqual([2, 'token-2', { type: 'active' }]);
  });

  test('for good is told, and the mark stays', async () => {
    const { refresh } = coordinator({ refreshes: failing('save', 100) });
    await expect(settled(refresh({ id, reason: 'expiry', seenVersion: 1 }))).rejects.toBe(broken);
    expect(await coordinator().refresh({ id, reason: 'person' })).toEqual({ type: 'ended', status: INTERRUPTED });
    expect(spent).toEqual(['token-1']);
  });

  test('at the mark spends nothing and loses nothing', async () => {
    const { refresh } = coordinator({ refreshes: failing('startAttempt', 1) });
    expect(await refresh({ id, reason: 'expiry', seenVersion: 1 })).toMatchObject({ type: 'postponed' });
    expect(spent).toEqual([]);
    expect(memory.markOf(id)).toBeUndefined();
    expect(await coordinator().refresh({ id, reason: 'person' })).toMatchObject({ type: 'refreshed' });
  });

  test('at a step that writes nothing lets the row go', async () => {
    let reads = 0;
    const read: RefreshCoordinatorParts['read'] = (one) => (++reads === 2 ? Promise.reject(broken) : memory.read(one));
    const { refresh } = coordinator({ read });
    await expect(refresh({ id, reason: 'expiry', seenVersion: 1 })).rejects.toBe(broken);
    expect(memory.holderOf(id)).toBeUndefined();
  });
});

test('closing waits for what is under way and stops those that only wait', async () => {
  const gate = createGate();
  const one = coordinator({
    exchange: exchangeOf(async () => {
      await gate.wait();
      return renewed('token-2');
    }),
  });
  const other = coordinator({ owner: 'other' });
  const running = one.refresh({ id, reason: 'expiry', seenVersion: 1 });
  await gate.arrived(1);
  const waiting = other.refresh({ id, reason: 'expiry', seenVersion: 1 });
  await clock.advanceAsync(1);
  await other[Symbol.asyncDispose]();
  expect(await waiting).toEqual({ type: 'busy' });
  const closed = one[Symbol.asyncDispose]();
  expect(await one.refresh({ id, reason: 'person' })).toEqual({ type: 'busy' });
  gate.open();
  await closed;
  expect(await running).toMatchObject({ type: 'refreshed' });
  expect(await stored()).toEqual([2, 'token-2', { type: 'active' }]);
});
