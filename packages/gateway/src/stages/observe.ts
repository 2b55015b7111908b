import type { PlannedProvider } from '@proxycast/routing';
import type { AttemptFact, AttemptOutcome, Credential, ProxyCastError, TokenUsage } from '@proxycast/spec';
import type { Exchange } from '../exchange.ts';

export interface AttemptRecord {
  readonly attempt: number;
  readonly isLast: boolean;
  readonly planned: PlannedProvider;
  readonly credential?: Credential;
  readonly model: string;
  readonly isStream: boolean;
  readonly startedMs: number;
  readonly firstByteMs?: number;
  readonly outcome: AttemptOutcome;
  readonly upstreamStatus?: number;
  readonly error?: ProxyCastError;
  readonly usage?: TokenUsage;
  readonly overheadMs?: number;
  readonly requestBytes: number;
  readonly answerBytes: number;
}

/** Makes the ledger's fact of an attempt and hands it on. Called after the client has its answer. */
export function observe(exchange: Exchange, record: AttemptRecord): void {
  const { parts } = exchange;
  const endedMs = parts.monotonicMs();
  const durationMs = Math.round(endedMs - record.startedMs);
  const fact: AttemptFact = {
    requestId: exchange.requestId,
    attempt: record.attempt,
    isLast: record.isLast,
    startedAt: parts.now() - durationMs,
    clientKeyId: exchange.clientKey.id,
    protocol: exchange.protocol.id,
    operation: exchange.match.endpoint.operation,
    providerId: record.planned.provider.id,
    ...(record.credential === undefined ? {} : { credentialId: record.credential.id }),
    model: record.model,
    upstreamModel: record.planned.model,
    isStream: record.isStream,
    outcome: record.outcome,
    ...(record.upstreamStatus === undefined ? {} : { upstreamStatus: record.upstreamStatus }),
    ...(record.error === undefined ? {} : { errorCode: record.error.code, fault: record.error.fault }),
    ...(record.usage === undefined ? {} : { usage: record.usage }),
    ...(record.firstByteMs === undefined ? {} : { firstByteMs: Math.round(record.firstByteMs - record.startedMs) }),
    durationMs,
    ...(record.overheadMs === undefined ? {} : { overheadMs: record.overheadMs }),
    requestBytes: record.requestBytes,
    answerBytes: record.answerBytes,
  };
  parts.observe(fact);
}
