import { budgetOfEffort, effortOfBudget } from '@proxycast/conversion';
import { type ChatRequest, EFFORTS, type Effort, type Reasoning, type ReportChange } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { ownFields, ownObject } from './dialect.ts';
import type { ModelTraits } from './model-traits.ts';

export interface ReasoningSituation {
  readonly traits: ModelTraits;
  readonly isOwn: boolean;
  /** A tool has to be called. */
  readonly isForced: boolean;
  /** The answer begins with words of the client's. */
  readonly isPrefilled: boolean;
  /** The answer goes on after calls whose thinking is gone. */
  readonly lacksThinking: boolean;
  readonly report: ReportChange;
}

export interface EncodedReasoning {
  readonly thinking?: { readonly type: string; readonly budget_tokens?: number } & JsonObject;
  readonly effort?: Effort;
}

const FIELD = 'reasoning';
/** The least the API takes. */
export const MIN_BUDGET_TOKENS = 1024;

/** `thinking` and the effort, as the model takes them. A budget is bound by `max_tokens` afterwards. */
export function encodeReasoning(request: ChatRequest, situation: ReasoningSituation): EncodedReasoning {
  const { reasoning } = request;
  if (reasoning === undefined) return {};
  const { traits, isOwn, report } = situation;
  const own = ownFields(request.extensions).thinking;
  const isEffortAlone = isOwn && own === undefined && reasoning.mode === 'auto';
  if (reasoning.mode === 'off' || isEffortAlone) {
    // Models that think only when they are asked to need not be told.
    const isSaid = !isEffortAlone && (isOwn || traits.thinking === 'adaptive');
    // Services that only speak like the API refuse an effort where there is no thinking.
    const isLevelTaken = isOwn && (isEffortAlone || traits.isKnown);
    return {
      ...(isSaid ? { thinking: { type: 'disabled', ...ownObject(request.extensions, 'thinking') } } : {}),
      ...levelOf(isLevelTaken ? reasoning.effort : undefined, traits, report),
    };
  }
  if (traits.thinking === 'none') {
    report(FIELD, 'dropped');
    return {};
  }
  return usesBudget(reasoning, traits)
    ? withBudget(request, reasoning, situation)
    : adaptive(request, reasoning, situation);
}

const usesBudget = ({ budget }: Reasoning, { thinking }: ModelTraits): boolean =>
  thinking === 'budget' || (thinking === 'both' && budget !== undefined);

function withBudget(request: ChatRequest, reasoning: Reasoning, situation: ReasoningSituation): EncodedReasoning {
  const { traits, isOwn, report } = situation;
  const { mode, budget = budgetOfEffort(reasoning.effort ?? 'medium') } = reasoning;
  const level = levelOf(isOwn && traits.efforts.length > 0 ? reasoning.effort : undefined, traits, report);
  if (situation.isForced || situation.isPrefilled || situation.lacksThinking) {
    report(FIELD, 'dropped');
    return level;
  }
  if (reasoning.budget === undefined || mode === 'auto' || budget < MIN_BUDGET_TOKENS) report(FIELD, 'changed');
  const { type: _, ...own } = ownObject(request.extensions, 'thinking');
  return {
    thinking: {
      type: 'enabled',
      budget_tokens: Math.max(MIN_BUDGET_TOKENS, Math.floor(budget)),
      ...displayOf(reasoning, situation),
      ...own,
    },
    ...level,
  };
}

function adaptive(request: ChatRequest, reasoning: Reasoning, situation: ReasoningSituation): EncodedReasoning {
  const { traits, report } = situation;
  const { budget } = reasoning;
  if (budget !== undefined) report(FIELD, 'changed');
  const level = levelOf(
    reasoning.effort ?? (budget === undefined ? undefined : effortOfBudget(budget)),
    traits,
    report,
  );
  if (situation.isForced || situation.isPrefilled) {
    report(FIELD, 'dropped');
    return level;
  }
  const own = ownObject(request.extensions, 'thinking');
  return { thinking: { type: 'adaptive', ...displayOf(reasoning, situation), ...own }, ...level };
}

/**
 * The newest models keep their thinking to themselves unless they are asked for it, and clients of other dialects show what
 * there is.
 */
function displayOf({ display }: Reasoning, { traits, isOwn }: ReasoningSituation): JsonObject {
  if (display === 'omitted') return { display };
  if (display !== undefined) return { display: 'summarized' };
  return isOwn || traits.thinking === 'budget' ? {} : { display: 'summarized' };
}

/** The nearest level that the model has. */
function levelOf(
  effort: Effort | undefined,
  { efforts }: ModelTraits,
  report: ReportChange,
): { readonly effort?: Effort } {
  if (effort === undefined) return {};
  const wanted = EFFORTS.indexOf(effort);
  const nearest = efforts.findLast((level) => EFFORTS.indexOf(level) <= wanted) ?? efforts[0];
  if (nearest !== effort) report(FIELD, nearest === undefined ? 'dropped' : 'changed');
  return nearest === undefined ? {} : { effort: nearest };
}
