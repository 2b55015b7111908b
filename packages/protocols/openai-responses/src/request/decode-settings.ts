import type { ChatRequest, JsonObject } from '@proxycast/spec';

const VERBOSITIES = ['low', 'medium', 'high'] as const;

export const decodeVerbosity = (value: unknown): ChatRequest['verbosity'] =>
  VERBOSITIES.find((verbosity) => verbosity === value);

const TIERS = ['auto', 'default', 'flex', 'priority'] as const;

export const decodeServiceTier = (value: unknown): ChatRequest['serviceTier'] => TIERS.find((tier) => tier === value);

export const LOGPROBS_INCLUDED = 'message.output_text.logprobs';

/** Asked for by what the answer should include, and how many others with each token. */
export function decodeLogprobsWish({ include, top_logprobs: top }: JsonObject): ChatRequest['logprobs'] {
  const count = typeof top === 'number' ? { top } : {};
  if (Array.isArray(include) && include.includes(LOGPROBS_INCLUDED)) return count;
  return typeof top === 'number' && top > 0 ? count : undefined;
}
