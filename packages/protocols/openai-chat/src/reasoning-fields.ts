import { EFFORTS, type Effort, type Reasoning } from '@proxycast/spec';
import { countOf, isObject, type JsonObject } from '@proxycast/wire';

/** The fields in which clients of this dialect's services say how much to think. */
export const REASONING_FIELDS = [
  'reasoning_effort',
  'reasoning',
  'include_reasoning',
  'thinking',
  'enable_thinking',
  'thinking_budget',
  'chat_template_kwargs',
] as const;
export type ReasoningField = (typeof REASONING_FIELDS)[number];

const FIELDS: ReadonlySet<string> = new Set(REASONING_FIELDS);

export const isReasoningField = (name: string): name is ReasoningField => FIELDS.has(name);

/** All of them as one wish: whoever says off is right, efforts and budgets stand beside each other. */
export function decodeReasoning(body: JsonObject): Reasoning | undefined {
  const { reasoning_effort: word, enable_thinking: switched, thinking_budget: budgetField } = body;
  const object = isObject(body.reasoning) ? body.reasoning : {};
  const thinking = isObject(body.thinking) ? body.thinking : {};
  const template = isObject(body.chat_template_kwargs) ? body.chat_template_kwargs : {};
  const isOff =
    word === 'none' ||
    object.effort === 'none' ||
    object.enabled === false ||
    thinking.type === 'disabled' ||
    switched === false ||
    template.enable_thinking === false ||
    template.thinking === false;
  if (isOff) return { mode: 'off' };
  const effort = effortOf(word) ?? effortOf(object.effort);
  const budget = countOf(object.max_tokens) ?? countOf(thinking.budget_tokens) ?? countOf(budgetField);
  const isOn =
    effort !== undefined ||
    budget !== undefined ||
    typeof word === 'string' ||
    object.enabled === true ||
    thinking.type === 'enabled' ||
    switched === true ||
    template.enable_thinking === true ||
    template.thinking === true;
  const isHidden = object.exclude === true || body.include_reasoning === false;
  const isAuto = thinking.type === 'auto' || thinking.type === 'adaptive';
  if (!isOn && !isAuto && !isHidden) return undefined;
  return {
    mode: isOn ? 'on' : 'auto',
    ...(effort === undefined ? {} : { effort }),
    ...(budget === undefined ? {} : { budget }),
    ...(isHidden ? { display: 'omitted' } : {}),
  };
}

const effortOf = (value: unknown): Effort | undefined => EFFORTS.find((effort) => effort === value);
