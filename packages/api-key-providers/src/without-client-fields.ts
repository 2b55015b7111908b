import { type Operation, parseProtocolId } from '@proxycast/spec';
import type { ProviderCalls } from './provider-type.ts';

const RESPONSES = parseProtocolId('responses');

/**
 * What Codex says of itself in each request, for its own backend alone. Services that check their fields answer
 * `Unknown parameter: 'client_metadata'`: OpenAI-compatible ones and Azure (seen 2026-09-16), the reference of the API has
 * no such field.
 */
const CLIENT_FIELDS: readonly string[] = ['client_metadata'];

/** What Codex sends it with. */
const OPERATIONS: ReadonlySet<Operation> = new Set(['chat', 'count-tokens', 'response-compact']);

/** The same calls without what a client of Responses tells its own vendor. */
export function withoutClientFields(calls: ProviderCalls): ProviderCalls {
  return {
    ...calls,
    prepare(input) {
      const call = calls.prepare(input);
      if (input.protocol !== RESPONSES || !OPERATIONS.has(input.operation)) return call;
      return { ...call, patch: { ...call.patch, remove: [...(call.patch?.remove ?? []), ...CLIENT_FIELDS] } };
    },
  };
}
