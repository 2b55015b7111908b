import type { TokenUsage } from '@proxycast/spec';

/** Counters nobody counted are left out; thoughts are not among the candidates' tokens. */
export function encodeUsage({ input = 0, cacheRead, output, reasoning }: TokenUsage): Readonly<Record<string, number>> {
  return {
    promptTokenCount: input,
    ...(output === undefined ? {} : { candidatesTokenCount: Math.max(0, output - (reasoning ?? 0)) }),
    totalTokenCount: input + (output ?? 0),
    ...(cacheRead === undefined ? {} : { cachedContentTokenCount: cacheRead }),
    ...(reasoning === undefined ? {} : { thoughtsTokenCount: reasoning }),
  };
}
