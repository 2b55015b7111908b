import { type CredentialId, parseCredentialId } from '@proxycast/spec';
import { createFakeClock, createGate, type FakeClock } from '@proxycast/testkit';
import { beforeEach, expect, test } from 'vitest';
import { createRefreshSchedule, type RefreshSchedule, type ScheduledCredential } from './refresh-schedule.ts';
import type { RefreshOutcome, RefreshRequest } from './refresh-state.ts';

const HOUR = 3_600_000;
let clock: FakeClock;
let asked: { readonly at: number; readonly request: RefreshRequest }[];
let settled: (readonly [CredentialId, string])[];

beforeEach(() => {
  clock = createFakeClock(0);
  asked = [];
  settled = [];
});

function schedule(answer: (request: RefreshRequest) => Promise<RefreshOutcome>): RefreshSchedule {
  return createRefreshSchedule({
    refresh: (request) => {
      asked.push({ at: clock.now(), request });
      return answer(request);
    },
    now: clock.now,
    random: () => 0,
    setTimer(callback, delayMs) {
      const timer = clock.setTimeout(callback, delayMs);
      return () => clock.clearTimeout(timer);
    },
    onSettled: (id, outcome, error) => settled.push([id, outcome?.type ?? String(error)]),
  });
}
const named = (name: string, version: number, expiresAt?: number): ScheduledCredential => ({
  id: parseCredentialId(name),
  version,
  ...(expiresAt === undefined ? {} : { expiresAt }),
});
const refreshed = async ({ seenVersion = 0 }: RefreshRequest): Promise<RefreshOutcome> => ({
  type: 'refreshed',
  version: seenVersion + 1,
});

test('each is renewed ahead of its end, and again when its next version is', async () => {
  using plan = schedule(refreshed);
  plan.follow([named('a', 1, HOUR), named('b', 1, 2 * HOUR), named('endless', 1)]);
  await clock.advanceAsync(HOUR);
  expect(asked).toEqual([{ at: 50 * 60_000, request: { id: 'a', reason: 'expiry', seenVersion: 1 } }]);
  expect(settled).toEqual([['a', 'refreshed']]);
  plan.follow([named('a', 2, 3 * HOUR), named('b', 1, 2 * HOUR)]);
  await clock.advanceAsync(2 * HOUR);
  expect(asked.map(({ at, request }) => [at / 60_000, request.id, request.seenVersion])).toEqual([
    [50, 'a', 1],
    [110, 'b', 1],
    [170, 'a', 2],
  ]);
});

test('after a failure it is tried when its rest is over, whatever the failure was', async () => {
  let answer: () => Promise<RefreshOutcome> = async () => ({ type: 'postponed', until: 56 * 60_000 });
  using plan = schedule(() => answer());
  plan.follow([named('a', 1, HOUR)]);
  await clock.advanceAsync(55 * 60_000);
  expect(asked.map(({ at }) => at / 60_000)).toEqual([50]);
  answer = () => Promise.reject(new Error('disk full'));
  await clock.advanceAsync(60_000);
  expect(asked.map(({ at }) => at / 60_000)).toEqual([50, 56]);
  expect(settled).toEqual([
    ['a', 'postponed'],
    ['a', 'Error: disk full'],
  ]);
});

test('a token that ends as soon as it comes is renewed twice a minute at most', async () => {
  using plan = schedule(refreshed);
  plan.follow([named('a', 1, 0)]);
  for (let version = 2; version < 200; version++) {
    await clock.advanceAsync(1_000);
    plan.follow([named('a', version, clock.now())]);
  }
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.length).toBeLessThan(9);
});

test('many that are due at once are renewed four at a time, and those that are gone not at all', async () => {
  const gate = createGate();
  using plan = schedule(async (request) => {
    await gate.wait();
    return await refreshed(request);
  });
  plan.follow(Array.from({ length: 20 }, (_, n) => named(`c${n}`, 1, 0)));
  await clock.advanceAsync(0);
  expect(asked).toHaveLength(4);
  gate.release(2);
  await clock.advanceAsync(1);
  expect(asked).toHaveLength(6);
  plan.follow([named('c19', 1, 0)]);
  gate.open();
  await clock.advanceAsync(1_000);
  expect(asked.map(({ request }) => request.id).slice(6)).toEqual(['c19']);
});

test('nothing happens after its end', async () => {
  const plan = schedule(refreshed);
  plan.follow([named('a', 1, HOUR)]);
  plan[Symbol.dispose]();
  await clock.advanceAsync(HOUR);
  expect(asked).toEqual([]);
  expect(clock.pending).toBe(0);
});
