import { type AttemptFact, parseClientKeyId, parseProtocolId, parseProviderId, parseRequestId } from '@proxycast/spec';
import { expect, test, vi } from 'vitest';
import { createLedgerWriter } from './ledger-writer.ts';

const fact: AttemptFact = {
  requestId: parseRequestId('r'),
  attempt: 1,
  isLast: true,
  startedAt: 0,
  clientKeyId: parseClientKeyId('c'),
  protocol: parseProtocolId('openai'),
  operation: 'chat',
  providerId: parseProviderId('p'),
  model: 'm',
  upstreamModel: 'm',
  isStream: false,
  outcome: 'answered',
  durationMs: 1,
  requestBytes: 1,
  answerBytes: 1,
};

interface Written {
  readonly id: string;
  readonly attempt: number;
  readonly costMicroUsd: number | undefined;
}

function setUp(write: (entries: readonly Written[]) => Promise<void>) {
  const timers: { callback: () => void; delayMs: number }[] = [];
  const warnings: string[] = [];
  let ids = 0;
  const writer = createLedgerWriter({
    createBatch: () => {
      const entries: Written[] = [];
      return {
        get size() {
          return entries.length;
        },
        add: ({ attempt }, id, costMicroUsd) => void entries.push({ id, attempt, costMicroUsd }),
        write: () => write(entries),
      };
    },
    costMicroUsd: () => 7,
    newId: () => `id${ids++}`,
    warn: (_fields, message) => warnings.push(message),
    schedule: (callback, delayMs) => {
      const timer = { callback, delayMs };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  });
  return { writer, timers, warnings };
}

test('writes in batches, in order, each entry with an id and its cost', async () => {
  const batches: (readonly Written[])[] = [];
  const { writer, timers } = setUp(async (entries) => {
    batches.push(entries);
  });
  for (let index = 0; index < 3000; index++) writer.push({ ...fact, attempt: index });
  await writer.flush();
  expect(batches.map(({ length }) => length)).toEqual([1024, 1024, 952]);
  expect(batches.flat().map(({ attempt }) => attempt)).toEqual(Array.from({ length: 3000 }, (_, index) => index));
  expect(batches[0]?.[0]).toMatchObject({ id: 'id0', costMicroUsd: 7 });
  expect(timers).toHaveLength(0);
  expect(writer.stats()).toEqual({ waiting: 0, lost: 0 });
});

test('keeps a batch that failed, sends the same entries again, and waits longer each time', async () => {
  let failing = true;
  const seen: string[][] = [];
  const { writer, timers, warnings } = setUp(async (entries) => {
    seen.push(entries.map(({ id }) => id));
    if (failing) throw new Error('disk full');
  });
  writer.push({ ...fact });
  writer.push({ ...fact });
  await expect(writer.flush()).rejects.toThrow('disk full');
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([1000]);
  await expect(writer.flush()).rejects.toThrow('disk full');
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([2000]);
  failing = false;
  await writer.flush();
  expect(seen).toEqual([
    ['id0', 'id1'],
    ['id0', 'id1'],
    ['id0', 'id1'],
  ]);
  expect(warnings).toHaveLength(2);
  expect(writer.stats()).toEqual({ waiting: 0, lost: 0 });
});

test('what comes while a batch is written waits for its own batch', async () => {
  const sizes: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const { writer, timers } = setUp((entries) => {
    sizes.push(entries.length);
    return sizes.length === 1 ? promise : Promise.resolve();
  });
  for (let index = 0; index < 1100; index++) writer.push({ ...fact });
  resolve();
  await vi.waitFor(() => expect(writer.stats().waiting).toBe(76));
  expect(sizes).toEqual([1024]);
  for (const { callback } of timers.splice(0)) callback();
  await vi.waitFor(() => expect(writer.stats().waiting).toBe(0));
  expect(sizes).toEqual([1024, 76]);
});

test('batches that gathered behind one that failed follow it, in order', async () => {
  let failing = true;
  const written: string[] = [];
  const { writer, timers, warnings } = setUp(async (entries) => {
    if (failing) throw new Error('disk full');
    written.push(...entries.map(({ id }) => id));
  });
  for (let index = 0; index < 2500; index++) writer.push({ ...fact });
  await vi.waitFor(() => expect(warnings).toHaveLength(1));
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([1000]);
  expect(writer.stats()).toEqual({ waiting: 2500, lost: 0 });
  failing = false;
  for (const { callback } of timers.splice(0)) callback();
  await vi.waitFor(() => expect(writer.stats().waiting).toBe(0));
  expect(written).toEqual(Array.from({ length: 2500 }, (_, index) => `id${index}`));
});

test('bounds what waits and counts what is lost', () => {
  const { writer, warnings } = setUp(() => Promise.reject(new Error('never')));
  for (let index = 0; index < 50_010; index++) writer.push({ ...fact });
  expect(writer.stats()).toEqual({ waiting: 50_000, lost: 10 });
  expect(warnings).toHaveLength(1);
});
