import type { JsonObject, TokenUsage } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { ownFields } from '../own-fields.ts';

/** The dialect's details are always there: clients read them without asking. */
export function encodeUsage(usage: TokenUsage): JsonObject {
  const { input = 0, cacheRead = 0, cacheWrite, output = 0, reasoning = 0 } = usage;
  const own = ownFields(usage.extensions) ?? {};
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    ...own,
    input_tokens_details: {
      cached_tokens: cacheRead,
      ...(cacheWrite === undefined ? {} : { cache_write_tokens: cacheWrite }),
      ...objectOf(own['input_tokens_details']),
    },
    output_tokens_details: { reasoning_tokens: reasoning, ...objectOf(own['output_tokens_details']) },
  };
}

const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});
