import type { Operation, ProtocolId, ProviderRecord, UpstreamCall, UpstreamCallInput } from '@proxycast/spec';
import type { HostShape } from './normalise-host.ts';
import type { Preset } from './preset.ts';

/** What a type makes of a provider's row: where it calls, and in which dialects. */
export interface ProviderCalls {
  protocolsFor(operation: Operation): readonly ProtocolId[];
  /** Throws InvalidRequestError for a combination that `protocolsFor` does not name. */
  prepare(input: UpstreamCallInput): UpstreamCall;
  /** The call that lists the provider's models; absent where there is none. */
  readonly modelList?: (secret: string) => UpstreamCall;
}

export interface ProviderCallsInput {
  readonly record: ProviderRecord;
  /** Normalised, without a slash at the end. */
  readonly base: string;
  /** The preset of this id, as long as the row's host is still the preset's. */
  readonly preset?: Preset;
}

/** One way of calling providers: how hosts are read, which extra fields there are, and the calls. */
export interface ProviderType {
  readonly type: string;
  readonly host: HostShape;
  readonly extraFields: readonly ('api_version' | 'project' | 'location' | 'region')[];
  createCalls(input: ProviderCallsInput): ProviderCalls;
}
