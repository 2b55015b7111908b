import type { AttemptAnswer } from '@proxycast/console-api';
import type { LedgerEntry, TokenUsage } from '@proxycast/spec';

export function renderAttempt(entry: LedgerEntry): AttemptAnswer {
  return {
    id: entry.id,
    request_id: entry.requestId,
    attempt: entry.attempt,
    is_last: entry.isLast,
    started_at: entry.startedAt,
    client_key_id: entry.clientKeyId,
    protocol: entry.protocol,
    operation: entry.operation,
    provider_id: entry.providerId,
    credential_id: entry.credentialId ?? null,
    model: entry.model,
    upstream_model: entry.upstreamModel,
    is_stream: entry.isStream,
    outcome: entry.outcome,
    upstream_status: entry.upstreamStatus ?? null,
    error_code: entry.errorCode ?? null,
    fault: entry.fault ?? null,
    usage: entry.usage === undefined ? null : renderUsage(entry.usage),
    first_byte_ms: entry.firstByteMs ?? null,
    duration_ms: entry.durationMs,
    overhead_ms: entry.overheadMs ?? null,
    request_bytes: entry.requestBytes,
    answer_bytes: entry.answerBytes,
    cost_micro_usd: entry.costMicroUsd ?? null,
    changed: entry.changed ?? null,
  };
}

function renderUsage(usage: TokenUsage): NonNullable<AttemptAnswer['usage']> {
  return {
    input: usage.input ?? null,
    cache_read: usage.cacheRead ?? null,
    cache_write: usage.cacheWrite ?? null,
    output: usage.output ?? null,
    reasoning: usage.reasoning ?? null,
  };
}
