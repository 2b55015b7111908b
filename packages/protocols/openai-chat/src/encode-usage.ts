import type { JsonObject, TokenUsage } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { ownFieldsOf } from './dialect.ts';

/** Details that nobody counted are left out, as services without them do. */
export function encodeUsage(usage: TokenUsage): JsonObject {
  const { input = 0, output = 0, cacheRead, cacheWrite, reasoning } = usage;
  const { prompt_tokens_details: prompt, completion_tokens_details: completion, ...rest } = ownFieldsOf(usage);
  const promptDetails = {
    ...(cacheRead === undefined && cacheWrite === undefined ? {} : { cached_tokens: cacheRead ?? 0 }),
    ...(cacheWrite === undefined ? {} : { cache_write_tokens: cacheWrite }),
    ...(isObject(prompt) ? prompt : {}),
  };
  const completionDetails = {
    ...(reasoning === undefined ? {} : { reasoning_tokens: reasoning }),
    ...(isObject(completion) ? completion : {}),
  };
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(isEmpty(promptDetails) ? {} : { prompt_tokens_details: promptDetails }),
    ...(isEmpty(completionDetails) ? {} : { completion_tokens_details: completionDetails }),
    ...rest,
  };
}

function isEmpty(fields: JsonObject): boolean {
  for (const _ in fields) return false;
  return true;
}
