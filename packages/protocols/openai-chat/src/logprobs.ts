import type { JsonObject, TokenLogprob } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

/** `logprobs.content` or `.refusal` of a choice; `undefined` when there are none. */
export function decodeLogprobs(value: unknown): readonly TokenLogprob[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const tokens: TokenLogprob[] = [];
  for (const entry of value) {
    const token = decodeToken(entry);
    if (token === undefined) continue;
    const top: unknown = isObject(entry) ? entry.top_logprobs : undefined;
    if (!Array.isArray(top)) tokens.push(token);
    else tokens.push({ ...token, top: top.flatMap((other: unknown) => decodeToken(other) ?? []) });
  }
  return tokens.length === 0 ? undefined : tokens;
}

function decodeToken(entry: unknown): TokenLogprob | undefined {
  if (!isObject(entry) || typeof entry.token !== 'string' || typeof entry.logprob !== 'number') return undefined;
  const { token, logprob, bytes } = entry;
  return isBytes(bytes) ? { token, logprob, bytes } : { token, logprob };
}

const isBytes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((byte) => typeof byte === 'number');

export function encodeLogprobs(tokens: readonly TokenLogprob[]): readonly JsonObject[] {
  return tokens.map(({ top, ...token }) => ({ ...encodeToken(token), top_logprobs: top?.map(encodeToken) ?? [] }));
}

const encodeToken = ({ token, logprob, bytes }: Omit<TokenLogprob, 'top'>): JsonObject => ({
  token,
  logprob,
  bytes: bytes ?? null,
});
