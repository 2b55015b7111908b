import type { JsonObject, TokenLogprob } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

/** `undefined` for an empty list, which the API sends when nobody asked. */
export function decodeLogprobs(value: unknown): readonly TokenLogprob[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const decoded = value.flatMap((entry: unknown): readonly TokenLogprob[] => {
    const token = decodeToken(entry);
    if (token === undefined || !isObject(entry)) return [];
    const top = Array.isArray(entry['top_logprobs'])
      ? entry['top_logprobs'].map(decodeToken).filter((other) => other !== undefined)
      : undefined;
    return [top === undefined ? token : { ...token, top }];
  });
  return decoded.length === 0 ? undefined : decoded;
}

function decodeToken(entry: unknown): TokenLogprob | undefined {
  if (!isObject(entry)) return undefined;
  const { token, logprob, bytes } = entry;
  if (typeof token !== 'string' || typeof logprob !== 'number') return undefined;
  return Array.isArray(bytes)
    ? { token, logprob, bytes: bytes.filter((byte) => typeof byte === 'number') }
    : { token, logprob };
}

export function encodeLogprobs(logprobs: readonly TokenLogprob[]): readonly JsonObject[] {
  return logprobs.map(({ top = [], ...token }) => ({
    ...encodeToken(token),
    top_logprobs: top.map(encodeToken),
  }));
}

const encodeToken = ({ token, logprob, bytes }: TokenLogprob): JsonObject =>
  bytes === undefined ? { token, logprob } : { token, logprob, bytes };
