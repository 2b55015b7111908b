import {
  type EpochMs,
  InvalidRequestError,
  type KeptResponse,
  type KeptResponseRepository,
  type ResponsesStore,
} from '@proxycast/spec';
import { RecordCache } from './record-cache.ts';
import { WriteQueue, type WriteQueueParts } from './write-queue.ts';

export interface ResponsesStoreLimits {
  /** Turns of one chain, this one included. */
  readonly maxChainTurns: number;
  /** Characters of all turns of a chain. */
  readonly maxChainChars: number;
  /** Records in memory, so that the next turn need not wait for the database. */
  readonly maxCacheBytes: number;
  /** Records on their way to the database. */
  readonly maxWaitingBytes: number;
}

export const DEFAULT_RESPONSES_STORE_LIMITS: ResponsesStoreLimits = {
  maxChainTurns: 1_000,
  // As much as a request may hold by default.
  maxChainChars: 28 * 1024 * 1024,
  maxCacheBytes: 64 * 1024 * 1024,
  maxWaitingBytes: 64 * 1024 * 1024,
};

export interface ResponsesStoreParts extends Pick<WriteQueueParts, 'schedule' | 'warn'> {
  readonly repository: KeptResponseRepository;
  readonly now: () => EpochMs;
  readonly limits?: ResponsesStoreLimits;
}

export interface RunningResponsesStore extends ResponsesStore {
  /** Writes what waits. */
  flush(): Promise<void>;
  /** Another database has taken the place of the one that was read: nothing that was in memory counts. */
  forget(): void;
  /** Removes what has expired, and the oldest chains over the bound. Answers how many records went. */
  prune(maxBytes: number): Promise<number>;
  /** Records that were not done when this process ended the last time. */
  unfinished(runner: string): Promise<readonly KeptResponse[]>;
  stats(): { readonly waiting: number; readonly lost: number; readonly cachedBytes: number };
}

/**
 * Kept answers between the requests and the database: a record is found the moment it was saved, written soon after it,
 * and read once.
 */
export function createResponsesStore(parts: ResponsesStoreParts): RunningResponsesStore {
  const { repository, limits = DEFAULT_RESPONSES_STORE_LIMITS } = parts;
  const cache = new RecordCache(limits.maxCacheBytes);
  const queue = new WriteQueue({
    write: (records) => repository.save(records),
    maxWaitingBytes: limits.maxWaitingBytes,
    schedule: parts.schedule,
    warn: parts.warn,
  });
  /** Between the moment a client asked for a deletion and the database's answer. */
  const deleting = new Set<string>();

  const known = (recordId: string): KeptResponse | undefined =>
    deleting.has(recordId) ? undefined : (cache.get(recordId) ?? queue.get(recordId));

  /** From the end as far as memory goes. */
  const knownChain = (record: KeptResponse): { readonly turns: KeptResponse[]; readonly missing?: string } => {
    const turns = [record];
    let at = record;
    while (at.parentRecordId !== undefined && turns.length <= limits.maxChainTurns) {
      const parent = known(at.parentRecordId);
      if (parent === undefined) return { turns, missing: at.parentRecordId };
      turns.push(parent);
      at = parent;
    }
    return { turns };
  };

  const check = (turns: readonly KeptResponse[]): readonly KeptResponse[] => {
    if (turns.length > limits.maxChainTurns) {
      throw new InvalidRequestError({
        code: 'previous_response_chain_too_long',
        message: `The conversation has more than ${limits.maxChainTurns} turns. Start a new one with its summary as the input.`,
        field: 'previous_response_id',
      });
    }
    let chars = 0;
    for (const { content } of turns) chars += (content?.input.length ?? 0) + (content?.output.length ?? 0);
    if (chars > limits.maxChainChars) {
      throw new InvalidRequestError({
        code: 'previous_response_chain_too_large',
        message: `The conversation holds more than ${limits.maxChainChars} characters. Start a new one with its summary as the input.`,
        field: 'previous_response_id',
      });
    }
    return turns.toReversed();
  };

  const readChain = async (turns: KeptResponse[], missing: string): Promise<readonly KeptResponse[]> => {
    const rest = await repository.chain(missing, limits.maxChainTurns - turns.length + 1);
    for (const record of rest) {
      if (deleting.has(record.recordId)) break;
      turns.push(record);
    }
    const last = turns[turns.length - 1];
    const isCut = turns.length <= limits.maxChainTurns && last?.parentRecordId !== undefined;
    if (isCut) {
      throw new InvalidRequestError({
        code: 'previous_response_not_found',
        message: `Response ${JSON.stringify(turns[0]?.id)} goes on from one that was deleted. Send the conversation in the request.`,
        field: 'previous_response_id',
      });
    }
    // The oldest first: what was used last is what stays.
    for (const record of rest.toReversed()) cache.put(record);
    return check(turns);
  };

  return {
    save(record) {
      if (queue.push(record)) cache.put(record);
    },
    find(clientKeyId, id) {
      const record = cache.find(clientKeyId, id) ?? queue.find(clientKeyId, id);
      if (record !== undefined) return deleting.has(record.recordId) ? undefined : record;
      return repository.find(clientKeyId, id).then((found) => {
        if (found === undefined || deleting.has(found.recordId)) return undefined;
        cache.put(found);
        return found;
      });
    },
    chain(record) {
      const { turns, missing } = knownChain(record);
      return missing === undefined ? check(turns) : readChain(turns, missing);
    },
    async delete({ recordId }) {
      deleting.add(recordId);
      try {
        cache.delete(recordId);
        await queue.drop(recordId);
        await repository.delete(recordId);
        cache.delete(recordId);
      } finally {
        deleting.delete(recordId);
      }
    },
    flush: () => queue.flush(),
    forget: () => cache.clear(),
    prune: (maxBytes) => repository.prune({ now: parts.now(), maxBytes }),
    unfinished: (runner) => repository.unfinished(runner),
    stats: () => ({ waiting: queue.waiting, lost: queue.lost, cachedBytes: cache.bytes }),
  };
}
