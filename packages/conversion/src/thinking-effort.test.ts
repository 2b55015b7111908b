import { EFFORTS } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { budgetOfEffort, effortOfBudget } from './thinking-effort.ts';

describe('effortOfBudget', () => {
  test.each(EFFORTS.map((effort) => [effort]))('finds %s by its budget', (effort) => {
    expect(effortOfBudget(budgetOfEffort(effort))).toBe(effort);
  });

  test.each([
    [-1, 'minimal'],
    [0, 'minimal'],
    [767, 'minimal'],
    [768, 'low'],
    [4000, 'low'],
    [4608, 'medium'],
    [10_000, 'medium'],
    [16_000, 'medium'],
    [16_384, 'high'],
    [28_672, 'xhigh'],
    [31_999, 'xhigh'],
    [49_152, 'max'],
    [1_000_000, 'max'],
  ] as const)('takes %i tokens for %s', (tokens, effort) => {
    expect(effortOfBudget(tokens)).toBe(effort);
  });

  test('rises with the budget', () => {
    let last = 0;
    for (let tokens = 0; tokens < 70_000; tokens += 13) {
      const rank = EFFORTS.indexOf(effortOfBudget(tokens));
      expect(rank).toBeGreaterThanOrEqual(last);
      last = rank;
    }
  });
});
