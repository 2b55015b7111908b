import type { JsonObject, TokenLogprob } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

/** The tokens of an answer with their probabilities; `undefined` where it has none. */
export function decodeLogprobs(result: JsonObject): readonly TokenLogprob[] | undefined {
  const { chosenCandidates, topCandidates } = result;
  if (!Array.isArray(chosenCandidates) || chosenCandidates.length === 0) return undefined;
  return chosenCandidates.map((chosen: unknown, index): TokenLogprob => {
    const row: unknown = Array.isArray(topCandidates) ? topCandidates[index] : undefined;
    const candidates: readonly unknown[] = isObject(row) && Array.isArray(row.candidates) ? row.candidates : [];
    return { ...tokenOf(chosen), ...(candidates.length === 0 ? {} : { top: candidates.map(tokenOf) }) };
  });
}

function tokenOf(candidate: unknown): { readonly token: string; readonly logprob: number } {
  const { token, logProbability }: JsonObject = isObject(candidate) ? candidate : {};
  return {
    token: typeof token === 'string' ? token : '',
    logprob: typeof logProbability === 'number' ? logProbability : 0,
  };
}
