import { EFFORTS, type Effort, type Reasoning } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { fieldsBeside } from './dialect.ts';
import { invalidField } from './invalid-field.ts';

export interface DecodedReasoning {
  readonly reasoning?: Reasoning;
  /** What of `thinking` only this dialect says; present, if empty, wherever `thinking` was sent. */
  readonly thinking?: JsonObject;
}

/** `thinking` and `output_config.effort`; the latter may stand alone, and then the model does not think aloud. */
export function decodeReasoning(thinking: unknown, effort: unknown): DecodedReasoning {
  if (thinking === undefined || thinking === null) {
    return isEffort(effort) ? { reasoning: { mode: 'auto', effort } } : {};
  }
  if (!isObject(thinking)) throw invalidField('thinking', 'must be an object with a type.');
  const { type, budget_tokens: budget, display } = thinking;
  const shown = readDisplay(display);
  const base: Omit<Reasoning, 'mode'> = {
    ...(isEffort(effort) ? { effort } : {}),
    ...(shown === undefined ? {} : { display: shown }),
  };
  const fields = fieldsBeside(thinking, shown === undefined ? WITHOUT_DISPLAY : KNOWN);
  switch (type) {
    case 'enabled':
      if (typeof budget !== 'number')
        throw invalidField('thinking.enabled.budget_tokens', 'a number of tokens is required.');
      return { reasoning: { mode: 'on', budget, ...base }, thinking: fields };
    case 'disabled':
      return { reasoning: { mode: 'off', ...base }, thinking: fields };
    case 'adaptive':
      return { reasoning: { mode: 'auto', ...base }, thinking: fields };
    default:
      if (typeof type !== 'string') throw invalidField('thinking.type', 'a type is required.');
      return { reasoning: { mode: 'auto', ...base }, thinking: { type, ...fields } };
  }
}

const WITHOUT_DISPLAY = new Set(['type', 'budget_tokens']);
const KNOWN = new Set([...WITHOUT_DISPLAY, 'display']);

/** What Claude Code calls `updates` goes on as a field of the dialect. */
function readDisplay(display: unknown): Reasoning['display'] {
  return display === 'summarized' ? 'summary' : display === 'omitted' ? 'omitted' : undefined;
}

/** A level of the future goes on as a field of the dialect. */
export const isEffort = (value: unknown): value is Effort => EFFORTS.some((effort) => effort === value);
