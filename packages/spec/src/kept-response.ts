import type { ClientKeyId, CredentialId, EpochMs, ProviderId } from './ids.ts';

/** Where an answer stands. The first two can still change; of the others nothing more will come. */
export const KEPT_STATUSES = ['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'] as const;
export type KeptStatus = (typeof KEPT_STATUSES)[number];

/** What is kept of one turn. All of it is JSON text, never parsed before somebody asks for it. */
export interface KeptContent {
  /** The answer's object without its items. */
  readonly response: string;
  /** The items of this turn's input, joined by commas; nothing of the turns before it. */
  readonly input: string;
  /** The items of the answer as the client got them, joined by commas. */
  readonly output: string;
}

/**
 * One answer that a client can name later. It holds its own turn only and a link to the one before, so that a chain of
 * fifty turns is fifty turns and not twelve hundred.
 */
export interface KeptResponse {
  /** Names the record inside ProxyCast: ids of answers are given by services, and need not be unique. */
  readonly recordId: string;
  /** As the client knows it. */
  readonly id: string;
  readonly clientKeyId: ClientKeyId;
  /** The record it goes on from. */
  readonly parentRecordId?: string;
  /** The record its chain begins with; its own where it begins one. */
  readonly chainId: string;
  /** Turns before it. */
  readonly depth: number;
  readonly createdAt: EpochMs;
  /** From then on it cannot be named any more; it stays as long as later turns of its chain need it. */
  readonly expiresAt: EpochMs;
  readonly status: KeptStatus;
  readonly isBackground: boolean;
  readonly providerId: ProviderId;
  /** The name the upstream was asked by. */
  readonly model: string;
  /** Whose signatures are in it: `{protocol}:{provider}`. */
  readonly origin: string;
  /** Which key or login of the provider answered; services keep answers per account. */
  readonly credentialId?: CredentialId;
  /** The process that works on it, as long as it is not done. */
  readonly runner?: string;
  /** Absent: the service keeps it under the same id, and only whose it is is known here. */
  readonly content?: KeptContent;
}

/** Where kept answers are stored. Content is encrypted before it reaches the database. */
export interface KeptResponseRepository {
  /**
   * All or an error; then it may be called again. Of a record that is there already the new form counts, but for its ids, its
   * place in the chain and when it was made; one without content is never changed.
   */
  save(records: readonly KeptResponse[]): Promise<void>;
  /** The newest of that id. */
  find(clientKeyId: ClientKeyId, id: string): Promise<KeptResponse | undefined>;
  /** The record and those before it, the latest first, at most `limit`; ends early where one is missing. */
  chain(recordId: string, limit: number): Promise<readonly KeptResponse[]>;
  delete(recordId: string): Promise<boolean>;
  /** Records that are not done and were worked on by this process. */
  unfinished(runner: string): Promise<readonly KeptResponse[]>;
  /**
   * Removes chains whose last turn expired before `now`, then the oldest chains until `maxBytes` are kept at most.
   * Answers how many records went.
   */
  prune(bounds: { readonly now: EpochMs; readonly maxBytes: number }): Promise<number>;
}

/** Kept answers as a request sees them: what was saved a moment ago is found. */
export interface ResponsesStore {
  /** Returns at once; it is written soon. */
  save(record: KeptResponse): void;
  /** Only a client's own are found, expired ones too. */
  find(clientKeyId: ClientKeyId, id: string): KeptResponse | undefined | Promise<KeptResponse | undefined>;
  /**
   * The turns of a chain up to this record, the oldest first. Throws InvalidRequestError where one is gone, or where there
   * are more of them, or larger ones, than a request may go on from.
   */
  chain(record: KeptResponse): readonly KeptResponse[] | Promise<readonly KeptResponse[]>;
  delete(record: KeptResponse): Promise<void>;
}
