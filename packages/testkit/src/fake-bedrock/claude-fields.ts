import { anthropicDialect } from '../fake-upstream/anthropic/anthropic-dialect.ts';
import { checkFields, type FieldRow, type RuleContext } from '../fake-upstream/rule.ts';
import { array, filledString, integer, object } from '../fake-upstream/shape.ts';
import { isObject, type JsonObject, objectsOf } from '../json.ts';
import { claudeBodyOf } from './claude-body.ts';

const SOURCE = 'api-key-system.md 2.7, protocols.md 4.1';
/** What Claude takes beside Converse's own fields; the others of Messages stand in Converse itself. */
const FIELDS: readonly FieldRow[] = [
  { field: 'thinking', shape: object, source: SOURCE },
  { field: 'output_config', shape: object, source: SOURCE },
  { field: 'top_k', shape: integer(0), source: SOURCE },
  { field: 'anthropic_beta', shape: array, source: SOURCE },
];
const OUTPUT_FIELDS: readonly FieldRow[] = [{ field: 'effort', shape: filledString, source: SOURCE }];
/** Claude 4.7 and newer think by themselves and take no budget and no sampling (Bedrock's guide, 2026-11). */
const isAdaptiveOnly = (version: number): boolean => version >= 407;
const VERSION = /claude-(?:[a-z]{3,20}-)?(\d{1,2})(?:-(\d{1,2}))?(?!\d)/;

/** 4.6 is 406. Throws for a Claude without a number: give it one. */
function versionOf(model: string): number {
  const [, major, minor] = VERSION.exec(model) ?? [];
  if (major === undefined) throw new RangeError(`The fake does not know which Claude ${model} is.`);
  return Number(major) * 100 + Number(minor ?? 0);
}

/** Whether the thinking of a request comes back as a signature alone: the newest models show it to who asks. */
export function isThinkingHidden({ additionalModelRequestFields: fields }: JsonObject, model: string): boolean {
  const thinking = isObject(fields) ? fields.thinking : undefined;
  return (
    model.includes('claude') &&
    isAdaptiveOnly(versionOf(model)) &&
    isObject(thinking) &&
    thinking.display !== 'summarized'
  );
}

/** No signature is looked at here: Converse's own rules do that. */
const CONTEXT: RuleContext = {
  head: {
    index: 0,
    method: 'POST',
    path: '/converse',
    query: new URLSearchParams(),
    headers: {},
    rawHeaders: [],
    arrivedAtMs: 0,
  },
  memory: { signatures: new Map(), checksSignatures: false, responses: new Map() },
};

/** What Claude behind Bedrock refuses: its own fields, what does not go together, and everything that Messages refuses. */
export function findClaudeFaults(body: JsonObject, model: string): readonly string[] {
  const fields = isObject(body.additionalModelRequestFields) ? body.additionalModelRequestFields : {};
  const inference = isObject(body.inferenceConfig) ? body.inferenceConfig : {};
  const refuse = { source: SOURCE, say: (field: string): string => `${field}: Extra inputs are not permitted` };
  const faults = [
    ...checkFields(fields, { dialect: 'br', at: '', rows: FIELDS, refuseUnknown: refuse }),
    ...(isObject(fields.output_config)
      ? checkFields(fields.output_config, {
          dialect: 'br',
          at: 'output_config',
          rows: OUTPUT_FIELDS,
          refuseUnknown: refuse,
        })
      : []),
    ...anthropicDialect.checkBody(claudeBodyOf(body, model), 'chat', CONTEXT),
  ].map(({ message }) => message);
  if (inference.temperature !== undefined && inference.topP !== undefined)
    faults.push('`temperature` and `top_p` cannot both be specified for this model. Please use only one.');
  const version = versionOf(model);
  const isNewest = isAdaptiveOnly(version);
  if (isNewest && [inference.temperature, inference.topP, fields.top_k].some((value) => value !== undefined))
    faults.push('sampling parameters are not supported by this model');
  const type = isObject(fields.thinking) ? fields.thinking.type : undefined;
  if (type !== undefined && version < 307) faults.push('thinking: Extra inputs are not permitted');
  if (isNewest && (type === 'enabled' || type === 'disabled'))
    faults.push(`"thinking.type.${type}" is not supported for this model. Use "thinking.type.adaptive".`);
  if (version < 406 && type === 'adaptive') faults.push('adaptive thinking is not supported on this model');
  if (version >= 406 && objectsOf(body.messages).at(-1)?.role === 'assistant')
    faults.push(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  return faults;
}
