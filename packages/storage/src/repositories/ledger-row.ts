import {
  ATTEMPT_OUTCOMES,
  FAULTS,
  type LedgerEntry,
  OPERATIONS,
  parseClientKeyId,
  parseCredentialId,
  parseProtocolId,
  parseProviderId,
  parseRequestId,
  type TokenUsage,
} from '@proxycast/spec';
import type { LedgerTable } from '../database-tables.ts';
import type { BulkColumn } from '../engine.ts';
import type { SqlValue } from '../sql-value.ts';
import { readMember, writeFlag } from './stored-value.ts';

const text = (name: keyof LedgerTable): BulkColumn => ({ name, type: 'text' });
const whole = (name: keyof LedgerTable): BulkColumn => ({ name, type: 'bigint' });

/** In the order of `toLedgerRow`. */
export const LEDGER_COLUMNS: readonly BulkColumn[] = [
  text('id'),
  text('request_id'),
  whole('attempt'),
  whole('is_last'),
  whole('started_at'),
  text('client_key_id'),
  text('protocol'),
  text('operation'),
  text('provider_id'),
  text('credential_id'),
  text('model'),
  text('upstream_model'),
  whole('is_stream'),
  text('outcome'),
  whole('upstream_status'),
  text('error_code'),
  text('fault'),
  whole('input_tokens'),
  whole('cache_read_tokens'),
  whole('cache_write_tokens'),
  whole('output_tokens'),
  whole('reasoning_tokens'),
  whole('first_byte_ms'),
  whole('duration_ms'),
  whole('overhead_ms'),
  whole('request_bytes'),
  whole('answer_bytes'),
  whole('cost_micro_usd'),
];

export function toLedgerRow(entry: LedgerEntry): SqlValue[] {
  const usage = entry.usage ?? {};
  return [
    entry.id,
    entry.requestId,
    writeWhole(entry.attempt),
    writeFlag(entry.isLast),
    writeWhole(entry.startedAt),
    entry.clientKeyId,
    entry.protocol,
    entry.operation,
    entry.providerId,
    entry.credentialId ?? null,
    writeForeignText(entry.model),
    writeForeignText(entry.upstreamModel),
    writeFlag(entry.isStream),
    entry.outcome,
    writeWholeOrNull(entry.upstreamStatus),
    entry.errorCode === undefined ? null : writeForeignText(entry.errorCode),
    entry.fault ?? null,
    writeWholeOrNull(usage.input),
    writeWholeOrNull(usage.cacheRead),
    writeWholeOrNull(usage.cacheWrite),
    writeWholeOrNull(usage.output),
    writeWholeOrNull(usage.reasoning),
    writeWholeOrNull(entry.firstByteMs),
    writeWhole(entry.durationMs),
    writeWholeOrNull(entry.overheadMs),
    writeWhole(entry.requestBytes),
    writeWhole(entry.answerBytes),
    writeWholeOrNull(entry.costMicroUsd),
  ];
}

/** Throws StorageError, naming the row, when a value is none that we write. */
export function toLedgerEntry(row: LedgerTable): LedgerEntry {
  const place = (column: keyof LedgerTable) => ({ table: 'ledger', id: row.id, column });
  const usage: TokenUsage = {
    ...(row.input_tokens === null ? {} : { input: row.input_tokens }),
    ...(row.cache_read_tokens === null ? {} : { cacheRead: row.cache_read_tokens }),
    ...(row.cache_write_tokens === null ? {} : { cacheWrite: row.cache_write_tokens }),
    ...(row.output_tokens === null ? {} : { output: row.output_tokens }),
    ...(row.reasoning_tokens === null ? {} : { reasoning: row.reasoning_tokens }),
  };
  return {
    id: row.id,
    requestId: parseRequestId(row.request_id),
    attempt: row.attempt,
    isLast: row.is_last !== 0,
    startedAt: row.started_at,
    clientKeyId: parseClientKeyId(row.client_key_id),
    protocol: parseProtocolId(row.protocol),
    operation: readMember(OPERATIONS, row.operation, place('operation')),
    providerId: parseProviderId(row.provider_id),
    ...(row.credential_id === null ? {} : { credentialId: parseCredentialId(row.credential_id) }),
    model: row.model,
    upstreamModel: row.upstream_model,
    isStream: row.is_stream !== 0,
    outcome: readMember(ATTEMPT_OUTCOMES, row.outcome, place('outcome')),
    ...(row.upstream_status === null ? {} : { upstreamStatus: row.upstream_status }),
    ...(row.error_code === null ? {} : { errorCode: row.error_code }),
    ...(row.fault === null ? {} : { fault: readMember(FAULTS, row.fault, place('fault')) }),
    ...(Object.keys(usage).length === 0 ? {} : { usage }),
    ...(row.first_byte_ms === null ? {} : { firstByteMs: row.first_byte_ms }),
    durationMs: row.duration_ms,
    ...(row.overhead_ms === null ? {} : { overheadMs: row.overhead_ms }),
    requestBytes: row.request_bytes,
    answerBytes: row.answer_bytes,
    ...(row.cost_micro_usd === null ? {} : { costMicroUsd: row.cost_micro_usd }),
  };
}

/** Words that come from clients and upstreams: PostgreSQL takes no NUL, and one would refuse the whole batch. */
function writeForeignText(value: string): string {
  return value.includes('\0') ? value.replaceAll('\0', '\u{fffd}') : value;
}

/** A figure an upstream made up (a fraction, 1e300, NaN) must not refuse the whole batch either. */
function writeWhole(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  if (Number.isNaN(value)) return 0;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.round(value)));
}

function writeWholeOrNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : writeWhole(value);
}
