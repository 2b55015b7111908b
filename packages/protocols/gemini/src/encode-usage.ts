import type { JsonObject, TokenUsage } from '@proxycast/spec';
import { countOf, isObject } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';

/** Counters nobody counted are left out; thoughts are not among the candidates' tokens. */
export function encodeUsage({ input, cacheRead, output, reasoning, extensions }: TokenUsage): JsonObject {
  const usageMetadata = extensions?.[GEMINI]?.usageMetadata;
  const kept = isObject(usageMetadata) ? usageMetadata : {};
  if (input === undefined && output === undefined) return kept;
  const toolUse = countOf(kept.toolUsePromptTokenCount) ?? 0;
  const candidates = Math.max(0, (output ?? 0) - (reasoning ?? 0));
  // A service of this dialect leaves the counter out where it is 0; from elsewhere a 0 was said.
  const isSaid = output !== undefined && (candidates > 0 || !('totalTokenCount' in kept));
  return {
    ...kept,
    promptTokenCount: Math.max(0, (input ?? 0) - toolUse),
    ...(isSaid || 'candidatesTokenCount' in kept ? { candidatesTokenCount: candidates } : {}),
    totalTokenCount: (input ?? 0) + (output ?? 0),
    ...(cacheRead === undefined ? {} : { cachedContentTokenCount: cacheRead }),
    ...(reasoning === undefined ? {} : { thoughtsTokenCount: reasoning }),
  };
}
