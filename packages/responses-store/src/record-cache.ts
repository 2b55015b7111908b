import type { KeptResponse } from '@proxycast/spec';

/** Small next to any content: ids, times and the objects around them. */
const RECORD_OVERHEAD_BYTES = 600;

/** What a record holds in memory, about. Its texts are Latin-1 or UTF-16; the larger counts. */
export function sizeOf({ content }: KeptResponse): number {
  if (content === undefined) return RECORD_OVERHEAD_BYTES;
  return RECORD_OVERHEAD_BYTES + 2 * (content.response.length + content.input.length + content.output.length);
}

/** The records that were used last, within a bound of bytes. */
export class RecordCache {
  readonly #maxBytes: number;
  /** In the order they were used. */
  readonly #byRecordId = new Map<string, KeptResponse>();
  readonly #byOwnId = new Map<string, string>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  put(record: KeptResponse): void {
    this.#remove(record.recordId);
    this.#byRecordId.set(record.recordId, record);
    this.#byOwnId.set(ownIdOf(record), record.recordId);
    this.#bytes += sizeOf(record);
    for (const oldest of this.#byRecordId.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#remove(oldest);
    }
  }

  get(recordId: string): KeptResponse | undefined {
    const record = this.#byRecordId.get(recordId);
    if (record === undefined) return undefined;
    this.#byRecordId.delete(recordId);
    this.#byRecordId.set(recordId, record);
    return record;
  }

  find(clientKeyId: string, id: string): KeptResponse | undefined {
    const recordId = this.#byOwnId.get(ownIdOf({ clientKeyId, id }));
    return recordId === undefined ? undefined : this.get(recordId);
  }

  delete(recordId: string): void {
    this.#remove(recordId);
  }

  clear(): void {
    this.#byRecordId.clear();
    this.#byOwnId.clear();
    this.#bytes = 0;
  }

  #remove(recordId: string): void {
    const record = this.#byRecordId.get(recordId);
    if (record === undefined) return;
    this.#byRecordId.delete(recordId);
    if (this.#byOwnId.get(ownIdOf(record)) === recordId) this.#byOwnId.delete(ownIdOf(record));
    this.#bytes -= sizeOf(record);
  }
}

const ownIdOf = ({ clientKeyId, id }: { readonly clientKeyId: string; readonly id: string }): string =>
  `${clientKeyId}\n${id}`;
