import type { TokenUsage } from '@proxycast/spec';
import { countOf, isObject, type JsonObject } from '@proxycast/wire';
import { ownExtensions } from './dialect.ts';

/**
 * Chat and embeddings count `prompt_tokens` and `completion_tokens`; images and audio `input_tokens` and `output_tokens`.
 * `undefined` when the object counts nothing.
 */
export function decodeCounts(usage: JsonObject): TokenUsage | undefined {
  const prompt = countOf(usage.prompt_tokens) ?? countOf(usage.input_tokens);
  const completion = countOf(usage.completion_tokens) ?? countOf(usage.output_tokens);
  const total = countOf(usage.total_tokens);
  if (prompt === undefined && completion === undefined) {
    // Rerankers count only a total, and all of it is input.
    return total === undefined ? undefined : { input: total };
  }
  const inputDetails = detailsOf(usage.prompt_tokens_details, usage.input_tokens_details);
  const outputDetails = detailsOf(usage.completion_tokens_details, usage.output_tokens_details);
  const reasoning = countOf(outputDetails.reasoning_tokens);
  const cacheRead =
    countOf(inputDetails.cached_tokens) ??
    countOf(usage.prompt_cache_hit_tokens) ??
    countOf(usage.cached_tokens) ??
    countOf(usage.num_cached_tokens);
  const cacheWrite = countOf(inputDetails.cache_write_tokens);
  // What the total has and neither side counts: xAI leaves reasoning out of the output, Mistral audio out of the input.
  const missing = total === undefined ? 0 : total - (prompt ?? 0) - (completion ?? 0);
  const counts: { -readonly [Key in keyof TokenUsage]: TokenUsage[Key] } = {};
  if (prompt !== undefined) {
    counts.input = missing > 0 && countOf(inputDetails.audio_tokens) === missing ? prompt + missing : prompt;
  }
  if (cacheRead !== undefined) counts.cacheRead = cacheRead;
  if (cacheWrite !== undefined) counts.cacheWrite = cacheWrite;
  if (completion !== undefined)
    counts.output = missing > 0 && reasoning === missing ? completion + missing : completion;
  if (reasoning !== undefined) counts.reasoning = reasoning;
  return counts;
}

const NO_DETAILS: JsonObject = {};

function detailsOf(own: unknown, other: unknown): JsonObject {
  if (isObject(own)) return own;
  return isObject(other) ? other : NO_DETAILS;
}

/** The counters with what else the service says of them: costs, sounds, predictions. */
export function decodeUsage(usage: JsonObject): TokenUsage | undefined {
  const counts = decodeCounts(usage);
  return counts === undefined ? undefined : { ...counts, ...ownExtensions(remainingCounts(usage)) };
}

const COUNTED: ReadonlySet<string> = new Set(['prompt_tokens', 'completion_tokens', 'total_tokens']);
const COUNTED_DETAILS: ReadonlySet<string> = new Set(['cached_tokens', 'cache_write_tokens', 'reasoning_tokens']);

function remainingCounts(usage: JsonObject): JsonObject {
  const rest: Record<string, unknown> = {};
  for (const name in usage) {
    const value = usage[name];
    if (COUNTED.has(name) || value === null) continue;
    const isDetails = name === 'prompt_tokens_details' || name === 'completion_tokens_details';
    if (!isDetails || !isObject(value)) rest[name] = value;
    else {
      const others = Object.entries(value).filter(([key, count]) => !COUNTED_DETAILS.has(key) && count !== null);
      if (others.length > 0) rest[name] = Object.fromEntries(others);
    }
  }
  return rest;
}
