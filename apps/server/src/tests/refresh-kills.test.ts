import { createStorageBeds } from '@proxycast/storage/testing/storage-beds';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CallerStop } from '../testing/refreshing/caller-messages.ts';
import { openRefreshBed, type RefreshBed } from '../testing/refreshing/refresh-bed.ts';

/** Later than any lease of the process that was killed. */
const AHEAD_MS = 200_000;

describe.each(createStorageBeds())('a process that is killed while it refreshes, on $engine', (bed) => {
  let refreshing: RefreshBed;
  beforeAll(() => bed.start(), 60_000);
  afterAll(() => bed.stop(), 60_000);
  beforeEach(async () => {
    refreshing = await openRefreshBed(bed, { graceMs: 2_000 });
  });
  afterEach(() => refreshing[Symbol.asyncDispose]());

  async function killAt(id: string, stopAt: CallerStop): Promise<void> {
    const doomed = await refreshing.startCaller({ stopAt });
    doomed.refresh({ id, seenVersion: 1, callers: 1 }).catch(() => {});
    await doomed.stopped;
    await doomed.kill();
  }

  test.each<[CallerStop, { readonly next: string; readonly spends: number; readonly status: string }]>([
    [
      { step: 'take', when: 'before' },
      { next: 'refreshed', spends: 1, status: 'active' },
    ],
    [
      { step: 'take', when: 'after' },
      { next: 'refreshed', spends: 1, status: 'active' },
    ],
    [
      { step: 'startAttempt', when: 'before' },
      { next: 'refreshed', spends: 1, status: 'active' },
    ],
    [
      { step: 'startAttempt', when: 'after' },
      { next: 'ended', spends: 0, status: 'needs_login' },
    ],
    [
      { step: 'exchange', when: 'before' },
      { next: 'ended', spends: 0, status: 'needs_login' },
    ],
    [
      { step: 'exchange', when: 'after' },
      { next: 'ended', spends: 1, status: 'needs_login' },
    ],
    [
      { step: 'save', when: 'before' },
      { next: 'ended', spends: 1, status: 'needs_login' },
    ],
    [
      { step: 'save', when: 'after' },
      { next: 'current', spends: 1, status: 'active' },
    ],
  ])('at %o leaves %o', async (stopAt, { next, spends, status }) => {
    const id = await refreshing.addLogin('mine');
    const { tokens } = await refreshing.stored(id);
    await killAt(id, stopAt);
    const survivor = await refreshing.startCaller({ aheadMs: AHEAD_MS });
    expect(await survivor.refresh({ id, seenVersion: 1, callers: 1 })).toEqual({ [next]: 1 });
    const { record } = await refreshing.stored(id);
    expect(record.status.type).toBe(status);
    if (record.status.type === 'needs_login')
      expect(record.status.reason).toMatch(/cut off .* not tried again: log in/);
    // Never a second time, although the service would have taken it once more.
    expect(refreshing.provider.spends(tokens.refreshToken)).toBe(spends);
  });

  test('is made good by a newer token of the official client', async () => {
    const id = await refreshing.addLogin('mine');
    const { tokens } = await refreshing.stored(id);
    await killAt(id, { step: 'save', when: 'before' });
    await refreshing.writeDisk(tokens);
    expect(await refreshing.refreshOfficially(tokens)).toBe('tokens');
    const survivor = await refreshing.startCaller({ aheadMs: AHEAD_MS, diskPath: 'auth.json' });
    expect(await survivor.refresh({ id, seenVersion: 1, callers: 1 })).toEqual({ adopted: 1 });
    const { record, tokens: after } = await refreshing.stored(id);
    expect(record.status).toEqual({ type: 'active' });
    expect(refreshing.provider.isTaken(after.refreshToken)).toBe(true);
    expect(await survivor.refresh({ id, seenVersion: 2, callers: 1 })).toEqual({ refreshed: 1 });
  });
});
