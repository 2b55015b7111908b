import { type ChatRequest, EFFORTS, type JsonObject, type OutputFormat, type Reasoning } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';

/** `undefined` where the client leaves thinking to the model. */
export function decodeReasoning(value: unknown): Reasoning | undefined {
  if (!isObject(value)) return undefined;
  const { effort: said } = value;
  const summary = textOf(value['summary']) ?? textOf(value['generate_summary']);
  const effort = EFFORTS.find((known) => known === said);
  if (effort === undefined && said !== 'none' && summary === undefined) return undefined;
  const display = summary === undefined ? {} : ({ display: summary === 'detailed' ? 'detailed' : 'summary' } as const);
  if (said === 'none') return { mode: 'off', ...display };
  return effort === undefined ? { mode: 'auto', ...display } : { mode: 'on', effort, ...display };
}

export function decodeOutput(format: unknown): OutputFormat | undefined {
  if (!isObject(format)) return undefined;
  switch (format['type']) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema':
      return isObject(format['schema']) ? schemaOf(format, format['schema']) : undefined;
    default:
      return undefined;
  }
}

function schemaOf({ name, description, strict }: JsonObject, schema: JsonObject): OutputFormat {
  return {
    type: 'schema',
    schema,
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
  };
}

const VERBOSITIES = ['low', 'medium', 'high'] as const;

export const decodeVerbosity = (value: unknown): ChatRequest['verbosity'] =>
  VERBOSITIES.find((verbosity) => verbosity === value);

const TIERS = ['auto', 'default', 'flex', 'priority'] as const;

export const decodeServiceTier = (value: unknown): ChatRequest['serviceTier'] => TIERS.find((tier) => tier === value);

export const LOGPROBS_INCLUDED = 'message.output_text.logprobs';

/** Asked for by what the answer should include, and how many others with each token. */
export function decodeLogprobsWish({ include, top_logprobs: top }: JsonObject): ChatRequest['logprobs'] {
  const count = typeof top === 'number' ? { top } : {};
  if (Array.isArray(include) && include.includes(LOGPROBS_INCLUDED)) return count;
  return typeof top === 'number' && top > 0 ? count : undefined;
}
