import type { TokenUsage } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { ownFields, ownObject } from './dialect.ts';

/**
 * The dialect's `input_tokens` leaves out what was read from and written to the cache; clients add the three up, so all
 * are numbers. An input that is not known is `estimatedInput`.
 */
export function encodeUsage(usage: TokenUsage, estimatedInput = 0): JsonObject {
  const { input, cacheRead = 0, cacheWrite = 0, output = 0, reasoning, extensions } = usage;
  return {
    ...ownFields(extensions),
    input_tokens: input === undefined ? estimatedInput : Math.max(0, input - cacheRead - cacheWrite),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
    ...(reasoning === undefined
      ? {}
      : { output_tokens_details: { ...ownObject(extensions, 'output_tokens_details'), thinking_tokens: reasoning } }),
  };
}
