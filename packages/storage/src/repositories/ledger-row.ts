import {
  ATTEMPT_OUTCOMES,
  type AttemptFact,
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
import type { RowPacker } from '../row-packer.ts';
import { readMember, writeFlag } from './stored-value.ts';

const text = (name: keyof LedgerTable): BulkColumn => ({ name, type: 'text' });
const whole = (name: keyof LedgerTable): BulkColumn => ({ name, type: 'bigint' });

/** In the order of `packLedgerRow`. */
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
  text('changed'),
];

/** Adds a row to the batch. */
export function packLedgerRow(row: RowPacker, fact: AttemptFact, id: string, costMicroUsd: number | undefined): void {
  const { usage } = fact;
  row.addText(id);
  row.addText(fact.requestId);
  row.addNumber(writeWhole(fact.attempt));
  row.addNumber(writeFlag(fact.isLast));
  row.addNumber(writeWhole(fact.startedAt));
  row.addWord(fact.clientKeyId);
  row.addWord(fact.protocol);
  row.addWord(fact.operation);
  row.addWord(fact.providerId);
  packWordOrNull(row, fact.credentialId);
  row.addWord(fact.model);
  row.addWord(fact.upstreamModel);
  row.addNumber(writeFlag(fact.isStream));
  row.addWord(fact.outcome);
  row.addNumber(writeWholeOrNull(fact.upstreamStatus));
  packWordOrNull(row, fact.errorCode);
  packWordOrNull(row, fact.fault);
  row.addNumber(writeWholeOrNull(usage?.input));
  row.addNumber(writeWholeOrNull(usage?.cacheRead));
  row.addNumber(writeWholeOrNull(usage?.cacheWrite));
  row.addNumber(writeWholeOrNull(usage?.output));
  row.addNumber(writeWholeOrNull(usage?.reasoning));
  row.addNumber(writeWholeOrNull(fact.firstByteMs));
  row.addNumber(writeWhole(fact.durationMs));
  row.addNumber(writeWholeOrNull(fact.overheadMs));
  row.addNumber(writeWhole(fact.requestBytes));
  row.addNumber(writeWhole(fact.answerBytes));
  row.addNumber(writeWholeOrNull(costMicroUsd));
  packWordOrNull(row, fact.changed);
}

function packWordOrNull(row: RowPacker, word: string | undefined): void {
  if (word === undefined) row.addNull();
  else row.addWord(word);
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
    ...(row.changed === null ? {} : { changed: row.changed }),
  };
}

/** A figure an upstream made up (a fraction, 1e300, NaN) must not refuse the whole batch either. */
function writeWhole(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  if (Number.isNaN(value)) return 0;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.round(value)));
}

/** NaN, which a packed row takes for null, when it is absent or none. */
function writeWholeOrNull(value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? Number.NaN : writeWhole(value);
}
