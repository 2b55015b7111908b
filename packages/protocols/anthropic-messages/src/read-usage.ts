import type { AnswerExcerpt, TokenUsage } from '@proxycast/spec';
import { countOf, findLastJsonObject, isObject, type JsonObject } from '@proxycast/wire';

/** The counters as the dialect has them: `input` without what was read from or written to the cache. */
interface Counters {
  input: number | undefined;
  cacheRead: number | undefined;
  cacheWrite: number | undefined;
  output: number | undefined;
  reasoning: number | undefined;
}

/**
 * A whole answer has one usage object. In a stream `message_start` has the first counts and `message_delta` the last
 * ones, each complete or in part: the last value of each counter holds.
 */
export function readUsage({ framing, head, tail }: AnswerExcerpt): TokenUsage | undefined {
  if (framing !== 'sse') return usageOf(findLastJsonObject(tail, 'usage', readCounters));
  let merged: Counters | undefined;
  const merge = (usage: JsonObject): undefined => {
    const earlier = readCounters(usage);
    if (earlier !== undefined) merged = merged === undefined ? earlier : fillIn(merged, earlier);
  };
  findLastJsonObject(tail.slice(-LAST_EVENTS_CHARACTERS), 'usage', merge);
  findLastJsonObject(firstEventOf(head), 'usage', merge);
  return usageOf(merged);
}

/** `message_delta` is the last event but one, and small. */
const LAST_EVENTS_CHARACTERS = 4 * 1024;

/** The line of `message_start`; empty when it has not come. */
function firstEventOf(head: string): string {
  const at = head.indexOf('"message_start"');
  if (at < 0) return '';
  const end = head.indexOf('\n', at);
  return head.slice(head.lastIndexOf('\n', at) + 1, end < 0 ? head.length : end);
}

function readCounters(usage: JsonObject): Counters | undefined {
  const input = countOf(usage.input_tokens);
  const output = countOf(usage.output_tokens);
  if (input === undefined && output === undefined) return undefined;
  const details = usage.output_tokens_details;
  return {
    input,
    cacheRead: countOf(usage.cache_read_input_tokens),
    cacheWrite: countOf(usage.cache_creation_input_tokens),
    output,
    reasoning: isObject(details) ? countOf(details.thinking_tokens) : undefined,
  };
}

const fillIn = (later: Counters, earlier: Counters): Counters => ({
  input: later.input ?? earlier.input,
  cacheRead: later.cacheRead ?? earlier.cacheRead,
  cacheWrite: later.cacheWrite ?? earlier.cacheWrite,
  output: later.output ?? earlier.output,
  reasoning: later.reasoning ?? earlier.reasoning,
});

function usageOf(counters: Counters | undefined): TokenUsage | undefined {
  if (counters === undefined) return undefined;
  const { input, cacheRead, cacheWrite, output, reasoning } = counters;
  return {
    ...(input === undefined ? {} : { input: input + (cacheRead ?? 0) + (cacheWrite ?? 0) }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(output === undefined ? {} : { output }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}
