import type { AnswerExcerpt, TokenUsage } from '@proxycast/spec';
import { countOf, findLastJsonObject, type JsonObject } from '@proxycast/wire';

/** Every chunk of a stream carries the counts up to it: the last holds. */
export function readUsage({ tail }: AnswerExcerpt): TokenUsage | undefined {
  return findLastJsonObject(tail, 'usageMetadata', readCounts);
}

/** The dialect leaves out counters that are 0. `candidatesTokenCount` is without thoughts. */
function readCounts(usage: JsonObject): TokenUsage | undefined {
  const prompt = countOf(usage.promptTokenCount);
  const candidates = countOf(usage.candidatesTokenCount);
  const total = countOf(usage.totalTokenCount);
  if (prompt === undefined && candidates === undefined && total === undefined) return undefined;
  const cacheRead = countOf(usage.cachedContentTokenCount);
  const thoughts = countOf(usage.thoughtsTokenCount);
  return {
    input: (prompt ?? 0) + (countOf(usage.toolUsePromptTokenCount) ?? 0),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    output: (candidates ?? 0) + (thoughts ?? 0),
    ...(thoughts === undefined ? {} : { reasoning: thoughts }),
  };
}
