import type { JsonObject, TokenUsage } from '@proxycast/spec';
import { countOf } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';

/** The dialect leaves out counters that are 0. `candidatesTokenCount` is without thoughts. `undefined`: it has no counts. */
export function decodeCounts(usage: JsonObject): TokenUsage | undefined {
  const prompt = countOf(usage.promptTokenCount);
  const candidates = countOf(usage.candidatesTokenCount);
  const total = countOf(usage.totalTokenCount);
  if (prompt === undefined && candidates === undefined && total === undefined) return undefined;
  const cacheRead = countOf(usage.cachedContentTokenCount);
  const thoughts = countOf(usage.thoughtsTokenCount);
  const counts: { -readonly [Name in keyof TokenUsage]: TokenUsage[Name] } = {
    input: (prompt ?? 0) + (countOf(usage.toolUsePromptTokenCount) ?? 0),
    output: (candidates ?? 0) + (thoughts ?? 0),
  };
  if (cacheRead !== undefined) counts.cacheRead = cacheRead;
  if (thoughts !== undefined) counts.reasoning = thoughts;
  return counts;
}

/**
 * The counts, and the whole object for those who speak the dialect: it lists them by kind of content as well. The object
 * stands in a field of its own, since a later one holds as a whole.
 */
export function decodeUsage(usage: JsonObject): TokenUsage {
  return { ...decodeCounts(usage), extensions: { [GEMINI]: { usageMetadata: usage } } };
}
