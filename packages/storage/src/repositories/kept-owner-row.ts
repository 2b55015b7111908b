import type { KeptResponse } from '@proxycast/spec';
import type { KeptResponseTable } from '../database-tables.ts';
import type { BulkColumn } from '../engine.ts';
import type { RowPacker } from '../row-packer.ts';
import { writeFlag } from './stored-value.ts';

const text = (name: keyof KeptResponseTable): BulkColumn => ({ name, type: 'text' });
const whole = (name: keyof KeptResponseTable): BulkColumn => ({ name, type: 'bigint' });

/** In the order of `packOwnerRow`. */
export const OWNER_COLUMNS: readonly BulkColumn[] = [
  text('record_id'),
  text('response_id'),
  text('client_key_id'),
  text('parent_record_id'),
  text('chain_id'),
  whole('depth'),
  whole('created_at'),
  whole('expires_at'),
  text('status'),
  whole('is_background'),
  text('provider_id'),
  text('model'),
  text('origin'),
  text('credential_id'),
  whole('bytes'),
];

/** Whether the record only says whose an answer is: then it is never changed, and there are many. */
export const isOwnerRow = ({ content, runner }: KeptResponse): boolean => content === undefined && runner === undefined;

/** Adds a row to the batch. */
export function packOwnerRow(row: RowPacker, record: KeptResponse, bytes: number): void {
  row.addText(record.recordId);
  row.addText(record.id);
  row.addWord(record.clientKeyId);
  if (record.parentRecordId === undefined) row.addNull();
  else row.addText(record.parentRecordId);
  row.addText(record.chainId);
  row.addNumber(record.depth);
  row.addNumber(record.createdAt);
  row.addNumber(record.expiresAt);
  row.addWord(record.status);
  row.addNumber(writeFlag(record.isBackground));
  row.addWord(record.providerId);
  row.addWord(record.model);
  row.addWord(record.origin);
  if (record.credentialId === undefined) row.addNull();
  else row.addWord(record.credentialId);
  row.addNumber(bytes);
}
