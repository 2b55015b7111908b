import type { TokenUsage } from '@proxycast/spec';

export interface AnthropicUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
}

/** The dialect's `input_tokens` leaves out what was read from and written to the cache; clients add the three up. */
export function encodeUsage({ input = 0, cacheRead = 0, cacheWrite = 0, output = 0 }: TokenUsage): AnthropicUsage {
  return {
    input_tokens: Math.max(0, input - cacheRead - cacheWrite),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
  };
}
