import { THINKING_FIELDS } from '../fake-upstream/anthropic/anthropic-fields.ts';
import { checkFields, type FieldRow } from '../fake-upstream/rule.ts';
import { array, filledString, integer, object } from '../fake-upstream/shape.ts';
import { isObject, type JsonObject, objectsOf } from '../json.ts';

const SOURCE = 'api-key-system.md 2.7, protocols.md 4.1';
/** What Claude takes beside Converse's own fields; the others of Messages stand in Converse itself. */
const FIELDS: readonly FieldRow[] = [
  { field: 'thinking', shape: object, source: SOURCE },
  { field: 'output_config', shape: object, source: SOURCE },
  { field: 'top_k', shape: integer(0), source: SOURCE },
  { field: 'anthropic_beta', shape: array, source: SOURCE },
];
/** Claude 4.7 and newer think by themselves and take no budget and no sampling (model pages, 2026-11). */
const ADAPTIVE = /claude-(?:opus|sonnet|haiku)-(?:4-[7-9]|[5-9])(?!\d)/;

/** What a Claude model refuses of `additionalModelRequestFields`, and of the rest of a request because of them. */
export function findClaudeFaults(body: JsonObject, model: string): readonly string[] {
  const fields = isObject(body.additionalModelRequestFields) ? body.additionalModelRequestFields : {};
  const inference = isObject(body.inferenceConfig) ? body.inferenceConfig : {};
  const refuse = { source: SOURCE, say: (field: string): string => `${field}: Extra inputs are not permitted` };
  const faults = checkFields(fields, { dialect: 'br', at: '', rows: FIELDS, refuseUnknown: refuse }).map(toMessage);
  const isAdaptive = ADAPTIVE.test(model);
  if (isObject(fields.output_config)) {
    const rows = [{ field: 'effort', shape: filledString, source: SOURCE }];
    const check = { dialect: 'br', at: 'output_config', rows, refuseUnknown: refuse };
    faults.push(...checkFields(fields.output_config, check).map(toMessage));
  }
  if (inference.temperature !== undefined && inference.topP !== undefined)
    faults.push('`temperature` and `top_p` cannot both be specified for this model. Please use only one.');
  if (isAdaptive && [inference.temperature, inference.topP, fields.top_k].some((value) => value !== undefined))
    faults.push('sampling parameters are not supported by this model');
  const { thinking } = fields;
  if (!isObject(thinking)) return faults;
  const check = { dialect: 'br', at: 'thinking', rows: THINKING_FIELDS, refuseUnknown: refuse };
  faults.push(...checkFields(thinking, check).map(toMessage));
  const isOn = thinking.type === 'enabled' || thinking.type === 'adaptive';
  if (!isOn) return faults;
  if (isAdaptive && thinking.type === 'enabled')
    faults.push('"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive".');
  if (!isAdaptive && thinking.type === 'adaptive') faults.push('adaptive thinking is not supported on this model');
  if (thinking.type === 'enabled') {
    if (typeof thinking.budget_tokens !== 'number') faults.push('thinking.enabled.budget_tokens: Field required');
    else if (typeof inference.maxTokens === 'number' && inference.maxTokens <= thinking.budget_tokens)
      faults.push('`max_tokens` must be greater than `thinking.budget_tokens`');
  }
  if (inference.temperature !== undefined && inference.temperature !== 1)
    faults.push('`temperature` may only be set to 1 when thinking is enabled');
  if (fields.top_k !== undefined) faults.push('`top_k` must be unset when thinking is enabled');
  const choice = isObject(body.toolConfig) ? body.toolConfig.toolChoice : undefined;
  if (isObject(choice) && (choice.any !== undefined || choice.tool !== undefined))
    faults.push('Thinking may not be enabled when tool_choice forces tool use.');
  if (thinking.type === 'enabled') faults.push(...findUnthought(body));
  return faults;
}

/** The turn that results answer has to begin with its thinking (protocols.md 9.3). */
function findUnthought(body: JsonObject): readonly string[] {
  const messages = objectsOf(body.messages);
  const [called, last] = [messages.at(-2), messages.at(-1)];
  const isContinued = objectsOf(last?.content).some(({ toolResult }) => toolResult !== undefined);
  const first = objectsOf(called?.content)[0];
  return isContinued && called?.role === 'assistant' && first?.reasoningContent === undefined
    ? [`messages.${messages.length - 2}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`.`]
    : [];
}

const toMessage = ({ message }: { readonly message: string }): string => message;
