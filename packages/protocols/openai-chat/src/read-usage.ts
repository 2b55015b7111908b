import type { AnswerExcerpt, TokenUsage } from '@proxycast/spec';
import { countClosers, countOf, findLastJsonObject, isObject, type JsonObject } from '@proxycast/wire';

/** A chunk's own usage, `x_groq.usage` and `choices[0].usage`; deeper ones are Groq's shares of single models. */
const MAX_DEPTH = 3;
/** More usage objects than this at the end of a stream repeat each other, as Perplexity's do. */
const MAX_MERGED = 4;

/**
 * The last usage object holds. In a stream earlier ones fill in the counters it lacks: some services send the details
 * once, before a shorter object.
 */
export function readUsage({ framing, tail }: AnswerExcerpt): TokenUsage | undefined {
  if (framing !== 'sse') return findUsage(tail, 1);
  // A chunk that says nothing of usage says so: there can be hundreds, and what counts is among the last.
  return findUsage(tail.slice(-LAST_CHUNKS_CHARACTERS), MAX_MERGED) ?? findUsage(tail, MAX_MERGED);
}

const LAST_CHUNKS_CHARACTERS = 8 * 1024;

function findUsage(text: string, maxMerged: number): TokenUsage | undefined {
  let merged: TokenUsage | undefined;
  let found = 0;
  findLastJsonObject(text, 'usage', (usage, end) => {
    const counts = readCounts(usage);
    if (counts === undefined || countClosers(text, end) > MAX_DEPTH) return undefined;
    merged = { ...counts, ...merged };
    found++;
    return found === maxMerged ? merged : undefined;
  });
  return merged;
}

/** Chat and embeddings count `prompt_tokens` and `completion_tokens`; images and audio `input_tokens` and `output_tokens`. */
function readCounts(usage: JsonObject): TokenUsage | undefined {
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
