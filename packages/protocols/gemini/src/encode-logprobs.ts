import type { JsonObject, TokenLogprob } from '@proxycast/spec';

export function encodeLogprobs(logprobs: readonly TokenLogprob[]): JsonObject {
  return {
    chosenCandidates: logprobs.map(candidateOf),
    topCandidates: logprobs.map(({ top }) => ({ candidates: (top ?? []).map(candidateOf) })),
  };
}

const candidateOf = ({ token, logprob }: { readonly token: string; readonly logprob: number }): JsonObject => ({
  token,
  logProbability: logprob,
});
