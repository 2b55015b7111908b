import type { Effort } from '@proxycast/spec';

const BUDGETS: Readonly<Record<Effort, number>> = {
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 65_536,
};

/** The budget in tokens that an effort stands for; a model's own bound is for the caller to keep. */
export function budgetOfEffort(effort: Effort): number {
  return BUDGETS[effort];
}

/** The effort whose budget is nearest; half-way counts as the greater one. */
export function effortOfBudget(tokens: number): Effort {
  if (tokens < (BUDGETS.minimal + BUDGETS.low) / 2) return 'minimal';
  if (tokens < (BUDGETS.low + BUDGETS.medium) / 2) return 'low';
  if (tokens < (BUDGETS.medium + BUDGETS.high) / 2) return 'medium';
  if (tokens < (BUDGETS.high + BUDGETS.xhigh) / 2) return 'high';
  if (tokens < (BUDGETS.xhigh + BUDGETS.max) / 2) return 'xhigh';
  return 'max';
}
