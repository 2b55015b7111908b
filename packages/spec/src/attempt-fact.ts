import type { Fault } from './errors/proxycast-error.ts';
import type { ClientKeyId, CredentialId, EpochMs, ProtocolId, ProviderId, RequestId } from './ids.ts';
import type { Operation } from './operation.ts';
import type { TokenUsage } from './usage.ts';

export const ATTEMPT_OUTCOMES = ['answered', 'refused', 'failed', 'cut', 'client-left'] as const;
/**
 * `answered`: whole. `refused`: an error status or an error inside a 200. `failed`: no answer.
 * `cut`: the answer ended early. `client-left`: the client went before the end.
 */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** What one attempt was, as the ledger keeps it. Times in whole milliseconds. */
export interface AttemptFact {
  readonly requestId: RequestId;
  /** From 1, rising within a request. */
  readonly attempt: number;
  readonly isLast: boolean;
  readonly startedAt: EpochMs;
  readonly clientKeyId: ClientKeyId;
  readonly protocol: ProtocolId;
  readonly operation: Operation;
  readonly providerId: ProviderId;
  readonly credentialId?: CredentialId;
  /** As the client named it. */
  readonly model: string;
  /** As the upstream was asked. */
  readonly upstreamModel: string;
  readonly isStream: boolean;
  readonly outcome: AttemptOutcome;
  readonly upstreamStatus?: number;
  readonly errorCode?: string;
  readonly fault?: Fault;
  readonly usage?: TokenUsage;
  /** From the start of the attempt to the first byte of the answer. */
  readonly firstByteMs?: number;
  readonly durationMs: number;
  /** Time spent inside ProxyCast before the first byte left, over the whole request. */
  readonly overheadMs?: number;
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** What conversion changed of the request, as `x-proxycast-changed` says it; absent: nothing. */
  readonly changed?: string;
}
