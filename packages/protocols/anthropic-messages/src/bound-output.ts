import type { ChatRequest, EncodeRequestContext } from '@proxycast/spec';
import { type EncodedReasoning, MIN_BUDGET_TOKENS } from './encode-reasoning.ts';
import type { ModelTraits } from './model-traits.ts';

export interface OutputBound extends Pick<EncodedReasoning, 'thinking'> {
  readonly max_tokens: number;
}

export interface Bounding extends Pick<EncodeRequestContext, 'report' | 'maxOutputTokens'> {
  readonly traits: ModelTraits;
  readonly isOwn: boolean;
}

/** `max_tokens`, which the API demands, and the budget for thinking, which has to be below it. */
export function boundOutput(request: ChatRequest, { thinking }: EncodedReasoning, bounding: Bounding): OutputBound {
  const { traits, report } = bounding;
  const { maxOutputTokens: wanted } = request;
  const most = bounding.maxOutputTokens ?? (traits.isKnown ? traits.maxOutputTokens : undefined);
  const maxTokens = boundOf(wanted, most, bounding);
  const budget = thinking?.budget_tokens;
  if (thinking === undefined || budget === undefined || budget < maxTokens) {
    return { max_tokens: maxTokens, ...(thinking === undefined ? {} : { thinking }) };
  }
  // Room for both, as far as the model has it; else half of it for the answer.
  const raised = Math.min(most ?? Number.POSITIVE_INFINITY, budget + maxTokens);
  if (wanted !== undefined && raised !== wanted) report('max_tokens', 'changed');
  if (budget < raised) return { max_tokens: raised, thinking };
  if (raised <= MIN_BUDGET_TOKENS) {
    report('reasoning', 'dropped');
    return { max_tokens: raised };
  }
  report('reasoning', 'changed');
  const lowered = Math.max(MIN_BUDGET_TOKENS, Math.floor(raised / 2));
  return { max_tokens: raised, thinking: { ...thinking, budget_tokens: lowered } };
}

function boundOf(wanted: number | undefined, most: number | undefined, { traits, isOwn, report }: Bounding): number {
  if (wanted === undefined) {
    report('max_tokens', 'added');
    return most ?? traits.maxOutputTokens;
  }
  const asked = Math.max(1, Math.floor(wanted));
  if (isOwn || most === undefined || asked <= most) return asked;
  report('max_tokens', 'changed');
  return most;
}
