import type { TokenUsage } from '@proxycast/spec';
import { mergeExtensions } from './merge-extensions.ts';

/**
 * Later counts over earlier ones. What the later object leaves out stays, and a 0 does not replace a count: counters only
 * rise, so it comes from a service that lost its own. Unless that object counts its input anew: then its cache counts go
 * with it, as after Anthropic's compaction, where the last pass read nothing.
 */
export function mergeUsage(before: TokenUsage | undefined, after: TokenUsage): TokenUsage {
  if (before === undefined) return after;
  const isCountedAnew = (after.input ?? 0) > 0;
  const input = laterOf(before.input, after.input);
  const cacheRead = isCountedAnew ? (after.cacheRead ?? before.cacheRead) : laterOf(before.cacheRead, after.cacheRead);
  const cacheWrite = isCountedAnew
    ? (after.cacheWrite ?? before.cacheWrite)
    : laterOf(before.cacheWrite, after.cacheWrite);
  const output = laterOf(before.output, after.output);
  const reasoning = laterOf(before.reasoning, after.reasoning);
  const extensions = mergeExtensions(before.extensions, after.extensions);
  return {
    ...(input === undefined ? {} : { input }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(output === undefined ? {} : { output }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}

function laterOf(before: number | undefined, after: number | undefined): number | undefined {
  return after === undefined || (after === 0 && before !== undefined) ? before : after;
}
