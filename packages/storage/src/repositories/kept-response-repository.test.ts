import { randomBytes } from 'node:crypto';
import { parseClientKeyId, parseCredentialId } from '@proxycast/spec';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openEngine, type StorageLocation } from '../open-engine.ts';
import { openStorage } from '../open-storage.ts';
import type { Storage } from '../storage.ts';
import { NOW, sampleClientKey, sampleKeptResponse } from '../testing/sample-records.ts';
import { createStorageBeds } from '../testing/storage-beds.ts';

const MASTER_KEY = randomBytes(32);
const OWNER = parseClientKeyId('key-1');

describe.each(createStorageBeds())('kept responses on $engine', (bed) => {
  let location: StorageLocation;
  let backupsDirectory: string;
  let storage: Storage;

  const reopen = async (masterKey: Uint8Array = MASTER_KEY): Promise<void> => {
    storage = await openStorage({ location, masterKey, backupsDirectory, now: () => NOW });
  };
  const stored = async () => {
    const engine = await openEngine(location, backupsDirectory);
    const rows = await engine.db.selectFrom('kept_responses').selectAll().orderBy('record_id').execute();
    await engine.close();
    return rows;
  };

  beforeAll(() => bed.start(), 60_000);
  afterAll(() => bed.stop(), 60_000);
  beforeEach(async () => {
    location = await bed.createLocation();
    backupsDirectory = await bed.createDirectory();
    await reopen();
  });
  afterEach(() => storage.close());

  test('come back as they were stored, absent properties absent', async () => {
    const bare = sampleKeptResponse('r1');
    const full = sampleKeptResponse('r2', {
      parentRecordId: 'r1',
      chainId: 'r1',
      depth: 1,
      isBackground: true,
      status: 'in_progress',
      runner: 'here',
      credentialId: parseCredentialId('c1'),
      content: { response: '{"a":1}', input: '{"role":"user","content":"Grüße 漢 🎉"}', output: '' },
    });
    await storage.keptResponses.save([bare, full]);
    expect(await storage.keptResponses.find(OWNER, 'resp_r1')).toStrictEqual(bare);
    expect(await storage.keptResponses.find(OWNER, 'resp_r2')).toStrictEqual(full);
    expect(await storage.keptResponses.unfinished('here')).toStrictEqual([full]);
    expect(await storage.keptResponses.unfinished('elsewhere')).toEqual([]);
  });

  test('another client’s are not found, and of one id the newest is', async () => {
    await storage.keptResponses.save([
      sampleKeptResponse('r1', { id: 'resp_same' }),
      sampleKeptResponse('r2', { id: 'resp_same', createdAt: NOW + 1 }),
    ]);
    expect(await storage.keptResponses.find(parseClientKeyId('key-2'), 'resp_same')).toBeUndefined();
    expect(await storage.keptResponses.find(OWNER, 'resp_same')).toMatchObject({ recordId: 'r2' });
  });

  test('go with the client key they were kept for', async () => {
    await storage.clientKeys.insert(sampleClientKey('key-1'));
    await storage.clientKeys.insert(sampleClientKey('key-2'));
    const others = sampleKeptResponse('r2', { clientKeyId: parseClientKeyId('key-2') });
    await storage.keptResponses.save([sampleKeptResponse('r1'), others]);
    expect(await storage.clientKeys.delete(OWNER)).toBe(true);
    expect((await stored()).map(({ record_id }) => record_id)).toEqual(['r2']);
  });

  test('a record that is saved again is changed', async () => {
    await storage.keptResponses.save([sampleKeptResponse('r1', { status: 'queued', runner: 'here' })]);
    const done = sampleKeptResponse('r1', { content: { response: '{}', input: '1', output: '2' } });
    await storage.keptResponses.save([sampleKeptResponse('r1', { status: 'in_progress' }), done]);
    expect(await storage.keptResponses.find(OWNER, 'resp_r1')).toStrictEqual(done);
    expect(await storage.keptResponses.unfinished('here')).toEqual([]);
  });

  test('a chain is read from its end, ends where a record is missing, and never runs in a circle', async () => {
    const turns = Array.from({ length: 5 }, (_, index) =>
      sampleKeptResponse(`t${index}`, {
        chainId: 't0',
        depth: index,
        ...(index === 0 ? {} : { parentRecordId: `t${index - 1}` }),
        content: { response: '{}', input: `${index}`, output: '' },
      }),
    );
    await storage.keptResponses.save(turns);
    expect(await storage.keptResponses.chain('t3', 100)).toStrictEqual(turns.slice(0, 4).reverse());
    expect((await storage.keptResponses.chain('t4', 2)).map(({ recordId }) => recordId)).toEqual(['t4', 't3']);
    expect(await storage.keptResponses.delete('t1')).toBe(true);
    expect(await storage.keptResponses.delete('t1')).toBe(false);
    expect((await storage.keptResponses.chain('t3', 100)).map(({ recordId }) => recordId)).toEqual(['t3', 't2']);
    await storage.keptResponses.save([sampleKeptResponse('loop', { parentRecordId: 'loop' })]);
    expect(await storage.keptResponses.chain('loop', 3)).toHaveLength(3);
  });

  test('content is stored encrypted, bound to its record, and opens under a changed master key', async () => {
    const secret = 'the words of a person';
    const kept = sampleKeptResponse('r1', { content: { response: secret, input: secret, output: secret } });
    await storage.keptResponses.save([
      kept,
      sampleKeptResponse('r2', { content: { response: '', input: '', output: '' } }),
    ]);
    const [row] = await stored();
    expect(row?.content_encrypted).toMatch(/^v1:/);
    expect(JSON.stringify(await stored())).not.toContain('words');
    expect(row?.bytes).toBe(512 + (row?.content_encrypted?.length ?? 0));
    const newKey = randomBytes(32);
    expect(await storage.rotateMasterKey(newKey)).toBe(2);
    expect(await storage.keptResponses.find(OWNER, 'resp_r1')).toStrictEqual(kept);
    await storage.close();
    await reopen(newKey);
    expect(await storage.keptResponses.find(OWNER, 'resp_r1')).toStrictEqual(kept);
    const engine = await openEngine(location, backupsDirectory);
    await engine.db
      .updateTable('kept_responses')
      .set({ content_encrypted: row?.content_encrypted ?? '' })
      .where('record_id', '=', 'r2')
      .execute();
    await engine.close();
    await expect(storage.keptResponses.find(OWNER, 'resp_r2')).rejects.toMatchObject({
      code: expect.stringMatching(/master_key_wrong|storage_corrupt/),
    });
  });

  test('expired chains go whole, and only when their last turn has expired', async () => {
    await storage.keptResponses.save([
      sampleKeptResponse('a0', { chainId: 'a0', expiresAt: NOW - 10 }),
      sampleKeptResponse('a1', { chainId: 'a0', expiresAt: NOW + 10, parentRecordId: 'a0' }),
      sampleKeptResponse('b0', { chainId: 'b0', expiresAt: NOW - 10 }),
    ]);
    expect(await storage.keptResponses.prune({ now: NOW, maxBytes: 1e9 })).toBe(1);
    expect((await stored()).map(({ record_id }) => record_id)).toEqual(['a0', 'a1']);
    expect(await storage.keptResponses.prune({ now: NOW + 11, maxBytes: 1e9 })).toBe(2);
    expect(await stored()).toEqual([]);
  });

  test('rows without content are bounded too', async () => {
    await storage.keptResponses.save(
      Array.from({ length: 100 }, (_, index) => sampleKeptResponse(`r${100 + index}`, { createdAt: NOW + index })),
    );
    expect(await storage.keptResponses.prune({ now: NOW, maxBytes: 10 * 512 })).toBe(90);
    expect((await stored()).map(({ record_id }) => record_id)).toEqual(
      Array.from({ length: 10 }, (_, index) => `r${190 + index}`),
    );
  });

  test('over the bound the chains that were touched longest ago go first', async () => {
    const content = { response: randomBytes(3_000).toString('hex'), input: '', output: '' };
    await storage.keptResponses.save(
      Array.from({ length: 300 }, (_, index) =>
        sampleKeptResponse(`r${String(index).padStart(3, '0')}`, { createdAt: NOW + index, content }),
      ),
    );
    const bytes = (await stored()).reduce((sum, row) => sum + row.bytes, 0);
    expect(await storage.keptResponses.prune({ now: NOW, maxBytes: bytes / 10 })).toBeGreaterThanOrEqual(270);
    const left = await stored();
    expect(left.length).toBeGreaterThan(20);
    expect(left.at(0)?.record_id).toBe(`r${300 - left.length}`);
    expect(left.reduce((sum, row) => sum + row.bytes, 0)).toBeLessThanOrEqual(bytes / 10);
  });
});
