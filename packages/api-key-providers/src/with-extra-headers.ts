import type { ProviderRecord, UpstreamCall } from '@proxycast/spec';
import type { ProviderCalls } from './provider-type.ts';

/** The same calls with the row's own headers; one of the row takes the place of one of the type. */
export function withExtraHeaders(calls: ProviderCalls, { extraHeaders }: ProviderRecord): ProviderCalls {
  const extra = Object.entries(extraHeaders ?? {});
  if (extra.length === 0) return calls;
  const names = new Set(extra.map(([name]) => name));
  const flat = extra.flat();
  const add = (call: UpstreamCall): UpstreamCall => ({
    ...call,
    headers: [...call.headers.filter((_, at, all) => !names.has(all[at - (at % 2)] ?? '')), ...flat],
  });
  const { modelLists, keyChecks } = calls;
  return {
    ...calls,
    prepare: (input) => add(calls.prepare(input)),
    modelLists: modelLists.map((list) => ({ ...list, call: (secret, page) => add(list.call(secret, page)) })),
    ...(keyChecks === undefined
      ? {}
      : { keyChecks: keyChecks.map((check) => ({ ...check, call: (secret: string) => add(check.call(secret)) })) }),
  };
}
