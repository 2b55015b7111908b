import type { KeptResponse, KeptResponseRepository } from '@proxycast/spec';
import { sizeOf } from './record-cache.ts';

export interface WriteQueueParts {
  readonly write: KeptResponseRepository['save'];
  readonly maxWaitingBytes: number;
  /** Calls back once after a delay; answers how to take it back. */
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

/** Short, so that another node on the same database finds an answer before a person has typed the next question. */
const FLUSH_DELAY_MS = 100;
const BATCH_RECORDS = 64;
const FIRST_RETRY_DELAY_MS = 1_000;
const MAX_RETRY_DELAY_MS = 30_000;
const FAILURES_BEFORE_ONE_BY_ONE = 3;

/**
 * Records on their way to the database, written in batches off the path of any request. A batch that fails is tried
 * again; when too much waits, what comes is lost and counted, and requests go on.
 */
export class WriteQueue {
  readonly #parts: WriteQueueParts;
  /** By record id: of a record that changes while it waits only the last form is written. */
  readonly #waiting = new Map<string, KeptResponse>();
  #onItsWay: readonly KeptResponse[] = [];
  #waitingBytes = 0;
  #lost = 0;
  #failures = 0;
  #unschedule: (() => void) | undefined;
  #writing: Promise<void> | undefined;

  constructor(parts: WriteQueueParts) {
    this.#parts = parts;
  }

  get lost(): number {
    return this.#lost;
  }

  get waiting(): number {
    return this.#waiting.size + this.#onItsWay.length;
  }

  /** Whether there was room. */
  push(record: KeptResponse): boolean {
    const before = this.#waiting.get(record.recordId);
    const added = sizeOf(record) - (before === undefined ? 0 : sizeOf(before));
    if (this.#waitingBytes + added > this.#parts.maxWaitingBytes) {
      this.#lost++;
      if (this.#lost === 1) {
        const limit = this.#parts.maxWaitingBytes;
        this.#parts.warn({ limit }, 'too many answers wait to be stored; more are lost until the database takes them');
      }
      return false;
    }
    this.#waiting.set(record.recordId, record);
    this.#waitingBytes += added;
    this.#schedule(FLUSH_DELAY_MS);
    return true;
  }

  /** The last form of a record that the database does not have yet. */
  get(recordId: string): KeptResponse | undefined {
    return this.#waiting.get(recordId) ?? this.#onItsWay.find((record) => record.recordId === recordId);
  }

  find(clientKeyId: string, id: string): KeptResponse | undefined {
    let found: KeptResponse | undefined;
    for (const record of this.#onItsWay) if (record.id === id && record.clientKeyId === clientKeyId) found = record;
    for (const record of this.#waiting.values()) {
      if (record.id === id && record.clientKeyId === clientKeyId) found = record;
    }
    return found;
  }

  /** Nothing of the record is written any more once this has settled. */
  async drop(recordId: string): Promise<void> {
    const waiting = this.#waiting.get(recordId);
    if (waiting !== undefined) {
      this.#waiting.delete(recordId);
      this.#waitingBytes -= sizeOf(waiting);
    }
    if (this.#onItsWay.some((record) => record.recordId === recordId)) await this.#writing?.catch(() => undefined);
  }

  /** Writes all that waits. Rejects when the database does not take it. */
  async flush(): Promise<void> {
    this.#cancel();
    while (this.#writing !== undefined || this.#waiting.size > 0) await this.#write();
  }

  #schedule(delayMs: number): void {
    this.#unschedule ??= this.#parts.schedule(() => {
      this.#unschedule = undefined;
      // A failure has been told, and what failed waits again.
      this.#write().catch(() => undefined);
    }, delayMs);
  }

  #cancel(): void {
    this.#unschedule?.();
    this.#unschedule = undefined;
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
      if (this.#waiting.size > 0 && this.#failures === 0) this.#schedule(FLUSH_DELAY_MS);
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting.values()].slice(0, BATCH_RECORDS);
      for (const record of batch) {
        this.#waiting.delete(record.recordId);
        this.#waitingBytes -= sizeOf(record);
      }
      this.#onItsWay = batch;
      try {
        await this.#parts.write(batch);
        this.#failures = 0;
      } catch (cause) {
        this.#failures++;
        // The database may be well, and one record be what it does not take.
        if (this.#failures >= FAILURES_BEFORE_ONE_BY_ONE && (await this.#writeOneByOne(batch))) continue;
        this.#takeBack(batch);
        this.#parts.warn(
          { err: cause, waiting: this.waiting },
          'answers were not stored; they are kept and tried again',
        );
        this.#cancel();
        this.#schedule(Math.min(FIRST_RETRY_DELAY_MS * 2 ** (this.#failures - 1), MAX_RETRY_DELAY_MS));
        throw cause;
      } finally {
        this.#onItsWay = [];
      }
    }
  }

  /** Whether any was written; then those that were not are given up. */
  async #writeOneByOne(batch: readonly KeptResponse[]): Promise<boolean> {
    const refused: KeptResponse[] = [];
    let cause: unknown;
    for (const record of batch) {
      try {
        await this.#parts.write([record]);
      } catch (error) {
        cause = error;
        refused.push(record);
      }
    }
    if (refused.length === batch.length) return false;
    this.#failures = 0;
    this.#lost += refused.length;
    if (refused.length > 0) {
      this.#parts.warn(
        { err: cause, refused: refused.length },
        'answers that the database does not take were given up',
      );
    }
    return true;
  }

  /** In front of what came meanwhile. A newer form of a record stays. */
  #takeBack(batch: readonly KeptResponse[]): void {
    const later = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const record of batch) {
      if (later.some(({ recordId }) => recordId === record.recordId)) continue;
      this.#waiting.set(record.recordId, record);
      this.#waitingBytes += sizeOf(record);
    }
    for (const record of later) this.#waiting.set(record.recordId, record);
  }
}
