import type { AnswerExcerpt, TokenUsage } from '@proxycast/spec';
import { countOf, findLastJsonObject, isObject, type JsonObject } from '@proxycast/wire';

/** Only a response that has ended carries its usage, in a stream inside the final event. */
export function readUsage({ tail }: AnswerExcerpt): TokenUsage | undefined {
  return findLastJsonObject(tail, 'usage', readCounts);
}

export function readCounts(usage: JsonObject): TokenUsage | undefined {
  // Azure's own models answer here with the names of Chat Completions.
  const input = countOf(usage.input_tokens) ?? countOf(usage.prompt_tokens);
  const output = countOf(usage.output_tokens) ?? countOf(usage.completion_tokens);
  if (input === undefined || output === undefined) return undefined;
  const inputDetails = usage.input_tokens_details;
  const outputDetails = usage.output_tokens_details;
  const cacheRead = isObject(inputDetails) ? countOf(inputDetails.cached_tokens) : undefined;
  const cacheWrite = isObject(inputDetails) ? countOf(inputDetails.cache_write_tokens) : undefined;
  const reasoning = isObject(outputDetails) ? countOf(outputDetails.reasoning_tokens) : undefined;
  return {
    input,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    output,
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}
