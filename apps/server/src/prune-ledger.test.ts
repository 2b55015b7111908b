import { expect, test, vi } from 'vitest';
import { startPruningLedger } from './prune-ledger.ts';

test('deletes what is older than the setting, soon after the start and then four times a day, until stopped', async () => {
  vi.useFakeTimers();
  try {
    const asked: number[] = [];
    let days = 90;
    const stop = startPruningLedger({
      deleteOlderThan: async (time) => asked.push(time),
      retentionDays: () => days,
      now: () => 100 * 86_400_000,
      log: { info: () => undefined, warn: () => undefined },
    });
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual([10 * 86_400_000]);
    days = 30;
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    expect(asked).toHaveLength(5);
    expect(asked.at(-1)).toBe(70 * 86_400_000);
    stop();
    await vi.advanceTimersByTimeAsync(48 * 3_600_000);
    expect(asked).toHaveLength(5);
  } finally {
    vi.useRealTimers();
  }
});
