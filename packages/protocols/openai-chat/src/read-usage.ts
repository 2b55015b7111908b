import type { AnswerExcerpt, TokenUsage } from '@proxycast/spec';
import { countClosers, findLastJsonObject } from '@proxycast/wire';
import { decodeCounts } from './decode-usage.ts';

/** A chunk's own usage, `x_groq.usage` and `choices[0].usage`; deeper ones are Groq's shares of single models. */
const MAX_DEPTH = 3;
/** More usage objects than this at the end of a stream repeat each other, as Perplexity's do. */
const MAX_MERGED = 4;

/**
 * The last usage object holds. In a stream earlier ones fill in the counters it lacks: some services send the details
 * once, before a shorter object.
 */
export function readUsage({ framing, tail }: AnswerExcerpt): TokenUsage | undefined {
  if (framing !== 'sse') return findUsage(tail, 1);
  // A chunk that says nothing of usage says so: there can be hundreds, and what counts is among the last.
  return findUsage(tail.slice(-LAST_CHUNKS_CHARACTERS), MAX_MERGED) ?? findUsage(tail, MAX_MERGED);
}

const LAST_CHUNKS_CHARACTERS = 8 * 1024;

function findUsage(text: string, maxMerged: number): TokenUsage | undefined {
  let merged: TokenUsage | undefined;
  let found = 0;
  findLastJsonObject(text, 'usage', (usage, end) => {
    const counts = decodeCounts(usage);
    if (counts === undefined || countClosers(text, end) > MAX_DEPTH) return undefined;
    merged = { ...counts, ...merged };
    found++;
    return found === maxMerged ? merged : undefined;
  });
  return merged;
}
