import type { TokenUsage } from '@proxycast/spec';

/** The dialect's details are always there: clients read them without asking. */
export function encodeUsage({ input = 0, cacheRead = 0, cacheWrite, output = 0, reasoning = 0 }: TokenUsage): unknown {
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: cacheRead,
      ...(cacheWrite === undefined ? {} : { cache_write_tokens: cacheWrite }),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
