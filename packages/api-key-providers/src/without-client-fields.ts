import { type BodyPatch, parseProtocolId } from '@proxycast/spec';
import type { ProviderCalls } from './provider-type.ts';

const RESPONSES = parseProtocolId('responses');

/**
 * What Codex says of itself in each request, for its own backend alone. Services that check their fields answer
 * `Unknown parameter: 'client_metadata'`: OpenAI-compatible ones and Azure (seen 2026-09-16), the reference of the API has
 * no such field.
 */
const CLIENT_FIELDS: BodyPatch = { remove: ['client_metadata'] };

/** The same calls without what a client of Responses tells its own vendor. */
export function withoutClientFields(calls: ProviderCalls): ProviderCalls {
  return {
    ...calls,
    prepare(input) {
      const call = calls.prepare(input);
      return input.protocol === RESPONSES && input.operation === 'chat' && call.patch === undefined
        ? { ...call, patch: CLIENT_FIELDS }
        : call;
    },
  };
}
