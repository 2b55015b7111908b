import type { JsonObject, TokenUsage } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { DIALECT, restOf } from '../own-fields.ts';
import { readCounts } from '../read-usage.ts';

const COUNTS = new Set([
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'input_tokens_details',
  'output_tokens_details',
]);
const INPUT_DETAILS = new Set(['cached_tokens', 'cache_write_tokens']);
const OUTPUT_DETAILS = new Set(['reasoning_tokens']);

/** The counts, and what else a service counts or charges. */
export function decodeUsage(value: unknown): TokenUsage | undefined {
  if (!isObject(value)) return undefined;
  const usage = readCounts(value);
  if (usage === undefined) return undefined;
  const own = ownCounts(value, (usage.input ?? 0) + (usage.output ?? 0));
  return own === undefined ? usage : { ...usage, extensions: { [DIALECT]: own } };
}

function ownCounts(usage: JsonObject, total: number): JsonObject | undefined {
  const inputDetails = restOfDetails(usage['input_tokens_details'], INPUT_DETAILS);
  const outputDetails = restOfDetails(usage['output_tokens_details'], OUTPUT_DETAILS);
  const hasOwnTotal = typeof usage['total_tokens'] === 'number' && usage['total_tokens'] !== total;
  const own = {
    ...restOf(usage, COUNTS),
    ...(hasOwnTotal ? { total_tokens: usage['total_tokens'] } : {}),
    ...(inputDetails === undefined ? {} : { input_tokens_details: inputDetails }),
    ...(outputDetails === undefined ? {} : { output_tokens_details: outputDetails }),
  };
  return Object.keys(own).length === 0 ? undefined : own;
}

function restOfDetails(details: unknown, known: ReadonlySet<string>): JsonObject | undefined {
  return isObject(details) ? restOf(details, known) : undefined;
}
