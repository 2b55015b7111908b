import { type KeptResponse, parseClientKeyId, parseProviderId, type ResponsesStore } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { createSocketTurns } from './socket-turns.ts';

const OWNER = parseClientKeyId('k1');

function turn(index: number, input = `"${index}"`): KeptResponse {
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
    content: { response: '{}', input, output: '' },
  };
}

function createStore() {
  const saved = new Map<string, KeptResponse>();
  const store: ResponsesStore = {
    save: (record) => {
      saved.set(record.recordId, record);
    },
    find: (clientKeyId, id) =>
      [...saved.values()].find((record) => record.clientKeyId === clientKeyId && record.id === id),
    chain: async (record) => {
      const turns = [record];
      for (let at = saved.get(record.parentRecordId ?? ''); at !== undefined; at = saved.get(at.parentRecordId ?? '')) {
        turns.unshift(at);
      }
      return turns;
    },
    delete: async ({ recordId }) => {
      saved.delete(recordId);
    },
  };
  return { store, saved };
}

const idsOf = (chain: readonly KeptResponse[]): readonly string[] => chain.map(({ recordId }) => recordId);

test('what is not to be stored is found on the socket alone', async () => {
  const { store, saved } = createStore();
  const turns = createSocketTurns(store);
  turns.forRequest(false).save(turn(0));
  turns.forRequest(true).save(turn(1));
  expect([...saved.keys()]).toEqual(['t1']);
  const asked = turns.forRequest(false);
  expect(asked.find(OWNER, 'resp_0')).toEqual(turn(0));
  expect(asked.find(parseClientKeyId('k2'), 'resp_0')).toBeUndefined();
  expect(idsOf(await asked.chain(turn(1)))).toEqual(['t0', 't1']);
  expect(createSocketTurns(store).forRequest(false).find(OWNER, 'resp_0')).toBeUndefined();
});

test('a chain begins in the store and goes on on the socket', async () => {
  const { store } = createStore();
  store.save(turn(0));
  store.save(turn(1));
  const turns = createSocketTurns(store).forRequest(false);
  turns.save(turn(2));
  turns.save(turn(3));
  expect(idsOf(await turns.chain(turn(3)))).toEqual(['t0', 't1', 't2', 't3']);
});

test('what one socket remembers is bounded, and what is gone is told', async () => {
  const turns = createSocketTurns(undefined).forRequest(false);
  for (let index = 0; index < 5; index++) turns.save(turn(index, 'x'.repeat(10 * 1024 * 1024)));
  expect(turns.find(OWNER, 'resp_0')).toBeUndefined();
  expect(turns.find(OWNER, 'resp_4')).toBeDefined();
  await expect(turns.chain(turn(4))).rejects.toMatchObject({ code: 'previous_response_not_found' });
});
