import { budgetOfEffort, effortOfBudget } from '@proxycast/conversion';
import type { ChatRequest, Effort, JsonObject, Reasoning, ReportChange } from '@proxycast/spec';
import type { EffortWord, ReasoningRequest, ReasoningStyle } from './chat-variant.ts';
import { isDeepEqual } from './is-deep-equal.ts';
import type { ModelTraits } from './model-traits.ts';
import { nearestEffort } from './nearest-effort.ts';
import { decodeReasoning, isReasoningField, type ReasoningField } from './reasoning-fields.ts';

/** Fields in which services of a style are spoken to: a client that used them is repeated word by word. */
const FIELDS: Readonly<Record<ReasoningStyle, readonly ReasoningField[]>> = {
  effort: ['reasoning_effort'],
  thinking: ['thinking', 'reasoning_effort'],
  enable_thinking: ['enable_thinking', 'thinking_budget', 'reasoning_effort'],
  reasoning: ['reasoning', 'include_reasoning', 'reasoning_effort'],
  chat_template: ['chat_template_kwargs', 'reasoning_effort'],
  none: [],
};

export interface ReasoningTarget {
  readonly model: string;
  readonly traits: ModelTraits;
  readonly rule: ReasoningRequest;
  readonly report: ReportChange;
}

/** The fields that ask for thinking. `own`: what the client said in this dialect beside the neutral form. */
export function encodeReasoning(request: ChatRequest, own: JsonObject, target: ReasoningTarget): JsonObject {
  const { rule, traits, report, model } = target;
  const { reasoning } = request;
  if (reasoning === undefined) return {};
  const words =
    traits.efforts === undefined ? rule.efforts : rule.efforts.filter((word) => traits.efforts?.includes(word));
  if (rule.style === 'none' || !isTaken(model, rule) || (rule.style === 'effort' && words.length === 0)) {
    if (reasoning.mode === 'on' || Object.keys(own).some(isReasoningField)) report('reasoning', 'dropped');
    return {};
  }
  const said = repeatOwn(reasoning, own, rule.style);
  if (said !== undefined) return said;
  switch (rule.style) {
    case 'effort':
      return effortField(reasoning, words, target);
    case 'thinking':
      return thinkingFields(reasoning, rule, words, report);
    case 'enable_thinking':
      return switchFields(reasoning);
    case 'chat_template':
      return reasoning.mode === 'auto' ? {} : { chat_template_kwargs: { enable_thinking: reasoning.mode === 'on' } };
    case 'reasoning':
      return reasoningField(reasoning, words, report);
  }
}

function isTaken(model: string, { models }: ReasoningRequest): boolean {
  const name = model.toLowerCase();
  return models === undefined || models.some((part) => name.includes(part));
}

/** The client's own fields, where they are the service's and nothing has changed what they say. */
function repeatOwn(reasoning: Reasoning, own: JsonObject, style: ReasoningStyle): JsonObject | undefined {
  const said = Object.keys(own).filter(isReasoningField);
  if (said.length === 0 || !said.every((name) => FIELDS[style].includes(name))) return undefined;
  const fields = Object.fromEntries(said.map((name) => [name, own[name]]));
  if (isDeepEqual(decodeReasoning(fields), reasoning)) return fields;
  const { effort } = reasoning;
  if (effort === undefined || 'reasoning_effort' in own) return undefined;
  const all = { ...fields, reasoning_effort: effort };
  return isDeepEqual(decodeReasoning(all), reasoning) ? all : undefined;
}

/** The word for an effort or a budget; absent where only "on" is meant, which is a reasoning model's own way. */
function wordOf({ effort, budget }: Reasoning, words: readonly EffortWord[], report: ReportChange): Effort | undefined {
  const wanted = effort ?? (budget === undefined ? undefined : effortOfBudget(budget));
  if (wanted === undefined) return undefined;
  const word = nearestEffort(wanted, words);
  if (word !== effort) report('reasoning', word === undefined ? 'dropped' : 'changed');
  return word;
}

function effortField(
  reasoning: Reasoning,
  words: readonly EffortWord[],
  { traits, report }: ReasoningTarget,
): JsonObject {
  if (reasoning.mode === 'off') {
    if (words.includes('none')) return { reasoning_effort: 'none' };
    report('reasoning', 'changed');
    // The least there is is nearest to nothing.
    const least = nearestEffort('minimal', words);
    return least === undefined ? {} : { reasoning_effort: least };
  }
  const word = wordOf(reasoning, words, report);
  if (word !== undefined) return { reasoning_effort: word };
  // Models that can do without thinking do so unless they are told.
  const isSilent = reasoning.mode === 'on' && traits.efforts?.includes('none') === true;
  return isSilent ? { reasoning_effort: 'medium' } : {};
}

function thinkingFields(
  reasoning: Reasoning,
  rule: ReasoningRequest,
  words: readonly EffortWord[],
  report: ReportChange,
): JsonObject {
  if (reasoning.mode === 'off') return { thinking: { type: 'disabled' } };
  const word = wordOf(reasoning, words, report);
  const effort = word === undefined ? {} : { reasoning_effort: word };
  if (reasoning.mode === 'auto') return rule.auto ? { thinking: { type: 'auto' }, ...effort } : effort;
  return { thinking: { type: 'enabled' }, ...effort };
}

function switchFields({ mode, effort, budget }: Reasoning): JsonObject {
  if (mode === 'off') return { enable_thinking: false };
  const bound = budget ?? (effort === undefined ? undefined : budgetOfEffort(effort));
  if (mode === 'auto' && bound === undefined) return {};
  return { enable_thinking: true, ...(bound === undefined ? {} : { thinking_budget: bound }) };
}

function reasoningField(reasoning: Reasoning, words: readonly EffortWord[], report: ReportChange): JsonObject {
  const { mode, effort, budget, display } = reasoning;
  if (mode === 'off') return { reasoning: { enabled: false } };
  const hidden = display === 'omitted' ? { exclude: true } : {};
  if (effort !== undefined) {
    const word = wordOf({ mode, effort }, words, report);
    if (word !== undefined) return { reasoning: { effort: word, ...hidden } };
  }
  if (budget !== undefined) return { reasoning: { max_tokens: budget, ...hidden } };
  if (mode === 'on') return { reasoning: { enabled: true, ...hidden } };
  return display === 'omitted' ? { reasoning: hidden } : {};
}
