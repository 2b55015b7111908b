import type { PlannedProvider } from '@proxycast/routing';
import type { AttemptFact, AttemptOutcome, Credential, ProxyCastError, TokenUsage } from '@proxycast/spec';
import type { Exchange } from '../exchange.ts';

export interface AttemptRecord {
  readonly attempt: number;
  readonly isLast: boolean;
  readonly planned: PlannedProvider;
  readonly credential: Credential | undefined;
  readonly model: string;
  readonly isStream: boolean;
  readonly startedMs: number;
  readonly firstByteMs: number | undefined;
  readonly outcome: AttemptOutcome;
  readonly upstreamStatus: number | undefined;
  readonly error: ProxyCastError | undefined;
  readonly usage: TokenUsage | undefined;
  readonly overheadMs: number | undefined;
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** Empty when nothing was. */
  readonly changed: string;
}

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Makes the ledger's fact of an attempt and hands it on. Called after the client has its answer. */
export function observe(exchange: Exchange, record: AttemptRecord): void {
  const { parts } = exchange;
  const { planned, credential, error, usage } = record;
  const durationMs = Math.round(parts.monotonicMs() - record.startedMs);
  // Filled in step by step: a literal with conditional spreads costs as much as all the rest of this function.
  const fact: Writable<AttemptFact> = {
    requestId: exchange.requestId,
    attempt: record.attempt,
    isLast: record.isLast,
    startedAt: parts.now() - durationMs,
    clientKeyId: exchange.clientKey.id,
    protocol: exchange.protocol.id,
    operation: exchange.match.endpoint.operation,
    providerId: planned.provider.id,
    model: record.model,
    upstreamModel: planned.model,
    isStream: record.isStream,
    outcome: record.outcome,
    durationMs,
    requestBytes: record.requestBytes,
    answerBytes: record.answerBytes,
  };
  if (credential !== undefined) fact.credentialId = credential.id;
  if (record.upstreamStatus !== undefined) fact.upstreamStatus = record.upstreamStatus;
  if (record.firstByteMs !== undefined) fact.firstByteMs = Math.round(record.firstByteMs - record.startedMs);
  if (record.overheadMs !== undefined) fact.overheadMs = record.overheadMs;
  if (usage !== undefined) fact.usage = usage;
  if (record.changed !== '') fact.changed = record.changed;
  if (error !== undefined) {
    fact.errorCode = error.code;
    fact.fault = error.fault;
  }
  parts.observe(fact);
}
