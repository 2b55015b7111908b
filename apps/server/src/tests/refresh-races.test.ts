import { createStorageBeds } from '@proxycast/storage/testing/storage-beds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRefreshBed } from '../testing/refreshing/refresh-bed.ts';
import { runRounds } from '../testing/refreshing/run-rounds.ts';

const ROUNDS = 100;

describe.each(createStorageBeds())('500 callers in three processes on one $engine', (bed) => {
  beforeAll(() => bed.start(), 60_000);
  afterAll(() => bed.stop(), 60_000);

  test('spend each refresh token once, so that reuse detection never ends the login', async () => {
    await using refreshing = await openRefreshBed(bed, { graceMs: 0, revokesFamily: true });
    const { outcomes, ...report } = await runRounds(refreshing, ROUNDS, { official: false });
    expect(report).toMatchObject({ rounds: ROUNDS, mostSpends: 1, lost: 0 });
    expect(refreshing.provider.requests).toHaveLength(ROUNDS);
    // Every caller got a token of this round, from whoever fetched it.
    expect(Object.keys(outcomes).toSorted()).toEqual(['current', 'refreshed']);
    expect((outcomes.current ?? 0) + (outcomes.refreshed ?? 0)).toBe(ROUNDS * 500);
    expect((await refreshing.stored('shared')).record.version).toBe(ROUNDS + 1);
  }, 180_000);

  test('lose no login to the official client where spent tokens have two seconds of grace', async () => {
    await using refreshing = await openRefreshBed(bed, { graceMs: 2_000, revokesFamily: true });
    const { outcomes, ...report } = await runRounds(refreshing, ROUNDS, { official: true });
    expect(report).toMatchObject({ rounds: ROUNDS, mostSpends: 1, lost: 0 });
    // It was a race, and not always won by the same.
    expect(report.shared).toBeGreaterThan(0);
    const { refreshed = 0, current = 0, adopted = 0, ...others } = outcomes;
    expect(others).toEqual({});
    expect(refreshed + current + adopted).toBe(ROUNDS * 500);
  }, 180_000);

  test('need a login, with the service’s reason, when the official client spends the same token and reuse is detected', async () => {
    await using refreshing = await openRefreshBed(bed, { graceMs: 0, revokesFamily: true });
    const id = await refreshing.addLogin('shared');
    const caller = await refreshing.startCaller({ diskPath: 'auth.json' });
    const { tokens } = await refreshing.stored(id);
    await refreshing.writeDisk(tokens);
    expect(await refreshing.refreshOfficially(tokens)).toBe('tokens');
    // Ours comes second: the login is over, also what the official client got. That is tried once, and then known.
    expect(await caller.refresh({ id, seenVersion: 1, callers: 1 })).toEqual({ adopted: 1 });
    expect(await caller.refresh({ id, seenVersion: 2, callers: 500 })).toEqual({ ended: 500 });
    expect(await caller.refresh({ id, seenVersion: 2, callers: 5 })).toEqual({ ended: 5 });
    const { record } = await refreshing.stored(id);
    expect(record.status).toEqual({ type: 'needs_login', reason: 'The refresh token is revoked.' });
    const ours = refreshing.provider.requests.filter(({ by }) => by === 'proxycast');
    expect(ours.map(({ answer }) => answer)).toEqual(['invalid_grant', 'invalid_grant']);
    expect(new Set(ours.map(({ presented }) => presented)).size).toBe(2);
  }, 60_000);
});
