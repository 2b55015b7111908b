import type { TokenUsage } from '@proxycast/spec';
import { countOf, isObject } from '@proxycast/wire';

/** `inputTokens` there leaves out what came from the cache and went into it. */
export function readUsage(value: unknown): TokenUsage | undefined {
  if (!isObject(value)) return undefined;
  const fresh = countOf(value['inputTokens']);
  const cacheRead = countOf(value['cacheReadInputTokens']);
  const cacheWrite = countOf(value['cacheWriteInputTokens']);
  const output = countOf(value['outputTokens']);
  return {
    ...(fresh === undefined ? {} : { input: fresh + (cacheRead ?? 0) + (cacheWrite ?? 0) }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(output === undefined ? {} : { output }),
  };
}
