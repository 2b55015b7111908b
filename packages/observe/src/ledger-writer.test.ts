import {
  type AttemptFact,
  type LedgerEntry,
  parseClientKeyId,
  parseProtocolId,
  parseProviderId,
  parseRequestId,
} from '@proxycast/spec';
import { expect, test } from 'vitest';
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

function setUp(append: (entries: readonly LedgerEntry[]) => Promise<void>) {
  const timers: { callback: () => void; delayMs: number }[] = [];
  const warnings: string[] = [];
  let ids = 0;
  const writer = createLedgerWriter({
    append,
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
  const batches: (readonly LedgerEntry[])[] = [];
  const { writer, timers } = setUp(async (entries) => {
    batches.push(entries);
  });
  for (let index = 0; index < 1200; index++) writer.push({ ...fact, attempt: index });
  await writer.flush();
  expect(batches.map(({ length }) => length)).toEqual([256, 500, 444]);
  expect(batches.flat().map(({ attempt }) => attempt)).toEqual(Array.from({ length: 1200 }, (_, index) => index));
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

test('bounds what waits and counts what is lost', () => {
  const { writer, warnings } = setUp(() => Promise.reject(new Error('never')));
  // The first batch is on its way; it is not written yet, so it counts as well.
  for (let index = 0; index < 50_266; index++) writer.push({ ...fact });
  expect(writer.stats()).toEqual({ waiting: 50_000, lost: 10 });
  expect(warnings).toHaveLength(1);
});
