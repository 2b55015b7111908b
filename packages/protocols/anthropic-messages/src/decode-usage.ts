import type { TokenUsage } from '@proxycast/spec';
import { countOf, isObject, type JsonObject } from '@proxycast/wire';
import { asExtensions, fieldsBeside } from './dialect.ts';

const COUNTERS = new Set(['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'output_tokens']);
const DETAILED = new Set([...COUNTERS, 'output_tokens_details']);
const THINKING = new Set(['thinking_tokens']);

/**
 * The counters in our base: the dialect's `input_tokens` leaves out what was read from and written to the cache. The
 * other fields stay as they are.
 */
export function decodeUsage(usage: JsonObject): TokenUsage {
  const input = countOf(usage.input_tokens);
  const cacheRead = countOf(usage.cache_read_input_tokens);
  const cacheWrite = countOf(usage.cache_creation_input_tokens);
  const output = countOf(usage.output_tokens);
  const { output_tokens_details: details } = usage;
  const reasoning = isObject(details) ? countOf(details.thinking_tokens) : undefined;
  return {
    ...(input === undefined ? {} : { input: input + (cacheRead ?? 0) + (cacheWrite ?? 0) }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(output === undefined ? {} : { output }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...asExtensions(fieldsOf(usage, reasoning === undefined ? undefined : details)),
  };
}

function fieldsOf(usage: JsonObject, details: unknown): JsonObject {
  if (!isObject(details)) return fieldsBeside(usage, COUNTERS);
  const others = fieldsBeside(details, THINKING);
  const fields = fieldsBeside(usage, DETAILED);
  return Object.keys(others).length === 0 ? fields : { ...fields, output_tokens_details: others };
}
