import type { AnswerExcerpt, TokenUsage } from '@proxycast/spec';
import { findLastJsonObject } from '@proxycast/wire';
import { decodeCounts } from './decode-usage.ts';

/** Every chunk of a stream carries the counts up to it: the last holds. */
export function readUsage({ tail }: AnswerExcerpt): TokenUsage | undefined {
  return findLastJsonObject(tail, 'usageMetadata', decodeCounts);
}
