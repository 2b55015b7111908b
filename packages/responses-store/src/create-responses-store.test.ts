import { type KeptResponse, type KeptResponseRepository, parseClientKeyId, parseProviderId } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import {
  createResponsesStore,
  DEFAULT_RESPONSES_STORE_LIMITS,
  type ResponsesStoreLimits,
} from './create-responses-store.ts';
import { sizeOf } from './record-cache.ts';

const OWNER = parseClientKeyId('k1');

function turn(index: number, changes: Partial<KeptResponse> = {}): KeptResponse {
  return {
    recordId: `t${index}`,
    id: `resp_${index}`,
    clientKeyId: OWNER,
    chainId: 't0',
    depth: index,
    ...(index === 0 ? {} : { parentRecordId: `t${index - 1}` }),
    createdAt: index,
    expiresAt: 1_000,
    status: 'completed',
    isBackground: false,
    providerId: parseProviderId('p'),
    model: 'm',
    origin: 'anthropic:p',
    content: { response: '{}', input: `"in ${index}"`, output: `"out ${index}"` },
    ...changes,
  };
}

/** A database that keeps what it is given, and fails on demand. */
function createBed(limits: Partial<ResponsesStoreLimits> = {}) {
  const rows = new Map<string, KeptResponse>();
  const batches: number[] = [];
  const warnings: string[] = [];
  let timers: (() => void)[] = [];
  let failure: Error | undefined;
  let refused: string | undefined;
  let gate: Promise<void> | undefined;
  let reads = 0;
  const repository: KeptResponseRepository = {
    async save(records) {
      await gate;
      if (records.some(({ recordId }) => recordId === refused)) throw new Error('refused');
      if (failure !== undefined) throw failure;
      batches.push(records.length);
      for (const record of records) rows.set(record.recordId, record);
    },
    async find(clientKeyId, id) {
      reads++;
      return [...rows.values()].findLast((row) => row.clientKeyId === clientKeyId && row.id === id);
    },
    async chain(recordId, limit) {
      reads++;
      const found: KeptResponse[] = [];
      for (let at = rows.get(recordId); at !== undefined && found.length < limit; ) {
        found.push(at);
        at = at.parentRecordId === undefined ? undefined : rows.get(at.parentRecordId);
      }
      return found;
    },
    delete: async (recordId) => rows.delete(recordId),
    unfinished: async () => [],
    prune: async () => 0,
  };
  const store = createResponsesStore({
    repository,
    now: () => 0,
    schedule: (callback) => {
      timers.push(callback);
      return () => {
        timers = timers.filter((timer) => timer !== callback);
      };
    },
    warn: (_fields, message) => warnings.push(message),
    limits: { ...DEFAULT_RESPONSES_STORE_LIMITS, ...limits },
  });
  return {
    store,
    rows,
    batches,
    warnings,
    reads: () => reads,
    timers: () => timers.length,
    fire: () => {
      const due = timers;
      timers = [];
      for (const timer of due) timer();
    },
    refuse: (recordId: string) => {
      refused = recordId;
    },
    failWith: (error: Error | undefined) => {
      failure = error;
    },
    holdWrites: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = undefined;
        resolve();
      };
    },
  };
}

const idsOf = (chain: readonly KeptResponse[]): readonly string[] => chain.map(({ id }) => id);

test('what was saved is found at once, before anything was written, and only by its owner', () => {
  const { store, rows, reads } = createBed();
  store.save(turn(0));
  expect(store.find(OWNER, 'resp_0')).toEqual(turn(0));
  expect(rows.size).toBe(0);
  expect(reads()).toBe(0);
  expect(store.find(parseClientKeyId('k2'), 'resp_0')).toBeInstanceOf(Promise);
});

test('many records are written together, and of one that changes only its last form', async () => {
  const { store, rows, batches } = createBed();
  for (let index = 0; index < 100; index++) store.save(turn(index));
  store.save(turn(3, { status: 'cancelled' }));
  await store.flush();
  expect(batches).toEqual([64, 36]);
  expect(rows.get('t3')?.status).toBe('cancelled');
  expect(store.stats()).toMatchObject({ waiting: 0, lost: 0 });
});

describe('a chain', () => {
  test('is read from memory without the database', () => {
    const { store, reads } = createBed();
    for (let index = 0; index < 50; index++) store.save(turn(index));
    const chain = store.chain(turn(49));
    expect(chain).not.toBeInstanceOf(Promise);
    expect(Array.isArray(chain) ? idsOf(chain) : []).toEqual(Array.from({ length: 50 }, (_, index) => `resp_${index}`));
    expect(reads()).toBe(0);
  });

  test('that has left the memory is read with one query, also in part', async () => {
    const { store, rows, reads } = createBed({ maxCacheBytes: 5 * sizeOf(turn(10)) });
    for (let index = 0; index < 20; index++) store.save(turn(index));
    await store.flush();
    expect(store.stats().cachedBytes).toBeLessThanOrEqual(5 * sizeOf(turn(10)));
    expect(idsOf(await store.chain(turn(19)))).toHaveLength(20);
    expect(reads()).toBe(1);
    rows.clear();
    await expect(store.chain(turn(19, { parentRecordId: 'gone' }))).rejects.toMatchObject({
      code: 'previous_response_not_found',
    });
  });

  test('too long or too large is refused by name', () => {
    const long = createBed({ maxChainTurns: 3 });
    for (let index = 0; index < 4; index++) long.store.save(turn(index));
    expect(() => long.store.chain(turn(3))).toThrow('more than 3 turns');
    expect(long.store.chain(turn(2))).toHaveLength(3);
    const large = createBed({ maxChainChars: 40 });
    for (let index = 0; index < 4; index++) large.store.save(turn(index));
    expect(() => large.store.chain(turn(3))).toThrow('more than 40 characters');
  });

  test('that runs in a circle ends', () => {
    const { store } = createBed({ maxChainTurns: 10 });
    store.save(turn(0, { parentRecordId: 't0' }));
    expect(() => store.chain(turn(0, { parentRecordId: 't0' }))).toThrow('more than 10 turns');
  });
});

describe('a deletion', () => {
  test('takes a record that waits, one on its way and one in the database', async () => {
    const { store, rows, holdWrites, fire } = createBed();
    store.save(turn(0));
    await store.flush();
    store.save(turn(1));
    const release = holdWrites();
    fire();
    store.save(turn(2));
    const deleted = Promise.all([0, 1, 2].map((index) => store.delete(turn(index))));
    for (const index of [0, 1, 2]) expect(await store.find(OWNER, `resp_${index}`)).toBeUndefined();
    release();
    await deleted;
    await store.flush();
    expect(rows.size).toBe(0);
    for (const index of [0, 1, 2]) expect(await store.find(OWNER, `resp_${index}`)).toBeUndefined();
  });
});

test('what was in memory is forgotten when another database takes its place', async () => {
  const { store, rows } = createBed();
  store.save(turn(0));
  await store.flush();
  rows.clear();
  expect(await store.find(OWNER, 'resp_0')).toBeDefined();
  store.forget();
  expect(await store.find(OWNER, 'resp_0')).toBeUndefined();
  expect(store.stats().cachedBytes).toBe(0);
});

describe('while the database takes nothing', () => {
  test('records wait, are found, and are written later, the oldest first', async () => {
    const { store, rows, failWith, fire, timers, warnings } = createBed({ maxCacheBytes: 0 });
    failWith(new Error('disk full'));
    store.save(turn(0));
    await expect(store.flush()).rejects.toThrow('disk full');
    store.save(turn(1));
    expect(warnings).toHaveLength(1);
    expect(store.find(OWNER, 'resp_0')).toEqual(turn(0));
    expect(timers()).toBe(1);
    failWith(undefined);
    fire();
    await store.flush();
    expect([...rows.keys()]).toEqual(['t0', 't1']);
  });

  test('a record that it never takes does not hold up the others', async () => {
    const { store, rows, refuse, fire, warnings } = createBed();
    refuse('t1');
    for (const index of [0, 1, 2]) store.save(turn(index));
    for (const _ of [1, 2]) await expect(store.flush()).rejects.toThrow('refused');
    expect(rows.size).toBe(0);
    fire();
    await store.flush();
    expect([...rows.keys()]).toEqual(['t0', 't2']);
    expect(store.stats()).toMatchObject({ waiting: 0, lost: 1 });
    expect(warnings.at(-1)).toContain('given up');
  });

  test('what waits is bounded; what is lost is counted and never found', async () => {
    const { store, failWith, warnings } = createBed({ maxWaitingBytes: 2 * sizeOf(turn(0)) });
    failWith(new Error('disk full'));
    for (const index of [0, 1, 2, 3]) store.save(turn(index));
    expect(store.stats()).toMatchObject({ waiting: 2, lost: 2 });
    expect(warnings).toHaveLength(1);
    expect(await store.find(OWNER, 'resp_3')).toBeUndefined();
  });
});
