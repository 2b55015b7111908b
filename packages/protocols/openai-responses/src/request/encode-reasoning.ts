import { effortOfBudget } from '@proxycast/conversion';
import type { ChatRequest, JsonObject, Reasoning, ReportChange } from '@proxycast/spec';
import { mapEffort } from './map-effort.ts';
import type { ModelTraits, WireEffort } from './model-traits.ts';

/** Of this dialect's own request: what the neutral form says, over the rest the client wrote. */
export function encodeOwnReasoning(reasoning: Reasoning | undefined, rest: JsonObject): JsonObject {
  if (reasoning === undefined) return rest;
  const effort = effortOf(reasoning);
  const summary = summaryOf(reasoning.display);
  const isSummarySaid = 'summary' in rest || 'generate_summary' in rest;
  return {
    ...(effort === undefined ? {} : { effort }),
    ...(summary === undefined || isSummarySaid ? {} : { summary }),
    ...rest,
  };
}

/** Dialects whose clients are shown no thinking unless they ask for it. */
const HIDES_THINKING: ReadonlySet<string> = new Set(['openai']);

/** Of another dialect's request. A model that does not think cannot be asked to. */
export function encodeReasoning(
  { reasoning, protocol }: Pick<ChatRequest, 'reasoning' | 'protocol'>,
  traits: ModelTraits,
  report: ReportChange,
): JsonObject {
  if (reasoning === undefined) return {};
  if (traits.isReasoning === false) {
    if (reasoning.mode !== 'off') report('reasoning', 'dropped');
    return {};
  }
  const wanted = effortOf(reasoning);
  const effort = wanted === undefined ? undefined : mapEffort(wanted, traits.efforts);
  const isByBudget = reasoning.effort === undefined && reasoning.budget !== undefined && reasoning.mode !== 'off';
  if (effort !== wanted || isByBudget) report('reasoning', 'changed');
  const isShown = reasoning.display !== undefined || !HIDES_THINKING.has(protocol);
  const summary = reasoning.mode === 'off' || !isShown ? undefined : summaryOf(reasoning.display ?? 'summary');
  return { ...(effort === undefined ? {} : { effort }), ...(summary === undefined ? {} : { summary }) };
}

function effortOf({ mode, effort, budget }: Reasoning): WireEffort | undefined {
  if (mode === 'off') return 'none';
  if (effort !== undefined) return effort;
  return budget === undefined || budget < 0 ? undefined : effortOfBudget(budget);
}

function summaryOf(display: Reasoning['display']): string | undefined {
  if (display === 'detailed') return 'detailed';
  return display === 'summary' ? 'auto' : undefined;
}
