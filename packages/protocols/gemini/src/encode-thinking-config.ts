import { budgetOfEffort, effortOfBudget } from '@proxycast/conversion';
import { type Effort, type JsonObject, type Reasoning, type ReportChange, unreachable } from '@proxycast/spec';
import type { ThinkingLevel, ThinkingTraits } from './model-traits.ts';

const FIELD = 'reasoning';

/** Thinking as a model of this kind takes it; `undefined` where nothing has to be said. */
export function encodeThinkingConfig(
  reasoning: Reasoning | undefined,
  traits: ThinkingTraits,
  report: ReportChange,
): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const amount = amountOf(reasoning, traits, report);
  if (amount === undefined) return undefined;
  const isShown = reasoning.mode !== 'off' && reasoning.display !== 'omitted';
  return isShown ? { ...amount, includeThoughts: true } : amount;
}

function amountOf(reasoning: Reasoning, traits: ThinkingTraits, report: ReportChange): JsonObject | undefined {
  switch (traits.type) {
    case 'none':
      if (reasoning.mode !== 'off') report(FIELD, 'dropped');
      return undefined;
    case 'budget':
      return { thinkingBudget: mapBudget(reasoning, traits, report) };
    case 'level': {
      const thinkingLevel = mapLevel(reasoning, traits.levels, report);
      return thinkingLevel === undefined ? {} : { thinkingLevel };
    }
    default:
      return unreachable(traits);
  }
}

const DYNAMIC_BUDGET = -1;

function mapBudget(
  { mode, effort, budget }: Reasoning,
  { min, max, canTurnOff }: Extract<ThinkingTraits, { type: 'budget' }>,
  report: ReportChange,
): number {
  if (mode === 'off' && canTurnOff) return 0;
  const wanted = mode === 'off' ? 0 : (budget ?? (effort === undefined ? undefined : budgetOfEffort(effort)));
  if (wanted === undefined) return DYNAMIC_BUDGET;
  const given = Math.min(max, Math.max(min, Math.round(wanted)));
  if (given !== wanted) report(FIELD, 'changed');
  return given;
}

const LEVELS: readonly ThinkingLevel[] = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'];

function mapLevel(
  { mode, effort, budget }: Reasoning,
  levels: readonly ThinkingLevel[],
  report: ReportChange,
): ThinkingLevel | undefined {
  const wanted = mode === 'off' ? 'off' : (effort ?? (budget === undefined ? undefined : effortOfBudget(budget)));
  if (wanted === undefined) return undefined;
  const rank = rankOf(wanted);
  // The next higher one where a model lacks a level: less thinking than was asked for would be the worse answer.
  const given = levels.find((level) => LEVELS.indexOf(level) >= rank) ?? levels[levels.length - 1];
  if (given === undefined || LEVELS.indexOf(given) !== rank) report(FIELD, 'changed');
  return given;
}

/** Among LEVELS; outside of it for what no model has: to be switched off, more than the most. */
function rankOf(wanted: Effort | 'off'): number {
  switch (wanted) {
    case 'off':
      return -1;
    case 'minimal':
      return 0;
    case 'low':
      return 1;
    case 'medium':
      return 2;
    case 'high':
      return 3;
    case 'xhigh':
    case 'max':
      return 4;
    default:
      return unreachable(wanted);
  }
}
