import type { TokenUsage } from '@proxycast/spec';

/** Details that nobody counted are left out, as services without them do. */
export function encodeUsage({ input = 0, output = 0, ...details }: TokenUsage): Readonly<Record<string, unknown>> {
  const { cacheRead, cacheWrite, reasoning } = details;
  const hasInputDetails = cacheRead !== undefined || cacheWrite !== undefined;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(hasInputDetails
      ? {
          prompt_tokens_details: {
            cached_tokens: cacheRead ?? 0,
            ...(cacheWrite === undefined ? {} : { cache_write_tokens: cacheWrite }),
          },
        }
      : {}),
    ...(reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}
