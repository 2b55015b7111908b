import { expect, test, vi } from 'vitest';
import { startPruningResponses } from './prune-responses.ts';

test('prunes soon after the start and every ten minutes, says what went, and goes on after a failure', async () => {
  vi.useFakeTimers();
  try {
    let runs = 0;
    const said: string[] = [];
    const say = (_fields: Readonly<Record<string, unknown>>, message: string) => said.push(message);
    const stop = startPruningResponses({
      prune: async () => {
        runs++;
        if (runs === 2) throw new Error('locked');
        return runs === 1 ? 3 : 0;
      },
      log: { info: say, warn: say },
    });
    await vi.advanceTimersByTimeAsync(89_000);
    expect(runs).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expect(runs).toBe(4);
    expect(said).toEqual(['old responses deleted', 'old responses were not deleted; tried again later']);
    stop();
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(runs).toBe(4);
  } finally {
    vi.useRealTimers();
  }
});
