import { randomBytes } from 'node:crypto';
import {
  ConflictError,
  InvalidRequestError,
  parseClientKeyId,
  parseCredentialId,
  parseProviderId,
  parseRequestId,
  Secret,
} from '@proxycast/spec';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from './engine.ts';
import { openEngine, type StorageLocation } from './open-engine.ts';
import { openStorage, type StorageParts } from './open-storage.ts';
import type { Storage } from './storage.ts';
import {
  NOW,
  sampleApiKey,
  sampleClientKey,
  sampleLedgerEntry,
  sampleProvider,
  sampleRoute,
} from './testing/sample-records.ts';
import { createStorageBeds } from './testing/storage-beds.ts';

const LATER = NOW + 60_000;
const MASTER_KEY = randomBytes(32);
const SECRET = 'sk-live-0123456789abcdef';

describe.each(createStorageBeds())('storage on $engine', (bed) => {
  let location: StorageLocation;
  let backupsDirectory: string;
  let storage: Storage;
  const opened: Storage[] = [];

  const open = async (changes: Partial<StorageParts> = {}): Promise<Storage> => {
    const parts = { location, masterKey: MASTER_KEY, backupsDirectory, now: () => NOW, ...changes };
    const another = await openStorage(parts);
    opened.push(another);
    return another;
  };
  /** A look at the tables from outside. */
  const withEngine = async <Result>(look: (engine: Engine) => Promise<Result>): Promise<Result> => {
    const engine = await openEngine(location, backupsDirectory);
    try {
      return await look(engine);
    } finally {
      await engine.close();
    }
  };

  beforeAll(() => bed.start(), 60_000);
  afterAll(() => bed.stop(), 60_000);
  beforeEach(async () => {
    location = await bed.createLocation();
    backupsDirectory = await bed.createDirectory();
    storage = await open();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });

  describe('client keys', () => {
    const full = sampleClientKey('key-1', {
      revokedAt: LATER,
      expiresAt: NOW + 10 ** 12,
      allowedModels: ['gpt-*', 'claude-*'],
      allowedProviders: [],
      defaultParameters: { temperature: 0.2, nested: { list: [1, 'two', null] } },
    });

    test('come back as they were stored, absent properties absent', async () => {
      const bare = sampleClientKey('key-2');
      await storage.clientKeys.insert(full);
      await storage.clientKeys.insert(bare);
      expect(await storage.clientKeys.get(full.id)).toStrictEqual(full);
      expect(await storage.clientKeys.get(bare.id)).toStrictEqual(bare);
      expect(await storage.clientKeys.get(parseClientKeyId('none'))).toBeUndefined();
    });

    test('list by creation, then by bytes of the id whatever the locale', async () => {
      for (const id of ['b', 'a', 'B', '_x'.slice(1), '1']) await storage.clientKeys.insert(sampleClientKey(id));
      await storage.clientKeys.insert(sampleClientKey('zero', { createdAt: NOW - 1 }));
      expect((await storage.clientKeys.list()).map((key) => key.id)).toEqual(['zero', '1', 'B', 'a', 'b', 'x']);
    });

    test('an update changes what it names, clears what is null and leaves the rest', async () => {
      await storage.clientKeys.insert(full);
      const { revokedAt: _, allowedModels: __, ...rest } = full;
      const expected = { ...rest, name: 'Renamed', allowedProviders: ['openai'], updatedAt: LATER };
      expect(
        await storage.clientKeys.update(
          full.id,
          { name: 'Renamed', revokedAt: null, allowedModels: null, allowedProviders: ['openai'] },
          LATER,
        ),
      ).toStrictEqual(expected);
      expect(await storage.clientKeys.get(full.id)).toStrictEqual(expected);
    });

    test('an id or a digest that is taken is a conflict, and the first row stays', async () => {
      await storage.clientKeys.insert(full);
      await expect(storage.clientKeys.insert(sampleClientKey('key-1', { sha256: 'ff' }))).rejects.toThrow(
        ConflictError,
      );
      await expect(storage.clientKeys.insert(sampleClientKey('other', { sha256: full.sha256 }))).rejects.toThrow(
        ConflictError,
      );
      expect(await storage.clientKeys.list()).toStrictEqual([full]);
    });

    test('what is not there is neither updated nor deleted, and raises no version', async () => {
      await storage.clientKeys.insert(full);
      const version = await storage.configVersion();
      expect(await storage.clientKeys.update(parseClientKeyId('none'), { name: 'x' }, LATER)).toBeUndefined();
      expect(await storage.clientKeys.delete(parseClientKeyId('none'))).toBe(false);
      expect(await storage.configVersion()).toBe(version);
      expect(await storage.clientKeys.delete(full.id)).toBe(true);
      expect(await storage.clientKeys.list()).toEqual([]);
    });
  });

  describe('providers', () => {
    const full = sampleProvider('azure', {
      type: 'azure-openai',
      isSystem: true,
      enabled: false,
      sortOrder: 3,
      apiVersion: '2026-01-01',
      project: 'p',
      location: 'l',
      region: 'r',
      models: ['gpt-5.6', 'Größe-模型'],
      authHeader: 'x-key',
      authPrefix: 'Token ',
      extraHeaders: { 'x-team': 'a' },
      keyChoice: 'weighted',
      presetHost: 'https://preset.example',
    });

    test('come back as they were stored, absent properties absent', async () => {
      const bare = sampleProvider('bare', { apiHost: '' });
      await storage.providers.insert(full);
      await storage.providers.insert(bare);
      expect(await storage.providers.get(full.id)).toStrictEqual(full);
      expect(await storage.providers.get(bare.id)).toStrictEqual(bare);
    });

    test('list by sort order, then id', async () => {
      await storage.providers.insert(sampleProvider('z', { sortOrder: -1 }));
      await storage.providers.insert(sampleProvider('b', { sortOrder: 2 }));
      await storage.providers.insert(sampleProvider('B', { sortOrder: 2 }));
      expect((await storage.providers.list()).map((provider) => provider.id)).toEqual(['z', 'B', 'b']);
    });

    test('an id that is taken is a conflict that names the field', async () => {
      await storage.providers.insert(full);
      await expect(storage.providers.insert(sampleProvider('azure'))).rejects.toMatchObject({
        code: 'provider_exists',
        field: 'id',
      });
      expect(await storage.providers.get(full.id)).toStrictEqual(full);
    });

    test('seeding adds what is missing, leaves the rest alone and counts', async () => {
      await storage.providers.insert(sampleProvider('p-1', { name: 'Mine' }));
      const presets = Array.from({ length: 450 }, (_, index) => sampleProvider(`p-${index}`, { isSystem: true }));
      expect(await storage.providers.seed(presets)).toEqual({ added: 449, moved: 0 });
      expect((await storage.providers.get(parseProviderId('p-1')))?.name).toBe('Mine');
      const version = await storage.configVersion();
      expect(await storage.providers.seed(presets)).toEqual({ added: 0, moved: 0 });
      expect(await storage.configVersion()).toBe(version);
    });

    test('a preset’s new host reaches the rows that still have the old one, and only those', async () => {
      const preset = (id: string, host: string) =>
        sampleProvider(id, { isSystem: true, apiHost: host, presetHost: host });
      const first = ['kept', 'changed', 'named'].map((id) => preset(id, 'https://old.example/v1'));
      await storage.providers.seed(first);
      await storage.providers.update(parseProviderId('changed'), { apiHost: 'https://mine.example' }, LATER);
      await storage.providers.update(parseProviderId('named'), { name: 'Mine', enabled: true }, LATER);
      await storage.providers.insert(sampleProvider('own', { apiHost: 'https://old.example/v1' }));
      const next = ['kept', 'changed', 'named', 'own'].map((id) => preset(id, 'https://new.example/v1'));
      expect(await storage.providers.seed(next)).toEqual({ added: 0, moved: 2 });
      const hosts = (await storage.providers.list()).map(({ id, apiHost, updatedAt }) => [id, apiHost, updatedAt]);
      expect(hosts).toEqual([
        ['changed', 'https://mine.example', LATER],
        ['kept', 'https://new.example/v1', NOW],
        ['named', 'https://new.example/v1', LATER],
        ['own', 'https://old.example/v1', NOW],
      ]);
      expect((await storage.providers.get(parseProviderId('named')))?.name).toBe('Mine');
      const version = await storage.configVersion();
      expect(await storage.providers.seed(next)).toEqual({ added: 0, moved: 0 });
      expect(await storage.configVersion()).toBe(version);
    });

    test('two that seed at once add each preset once', async () => {
      const another = await open();
      const presets = Array.from({ length: 120 }, (_, index) => sampleProvider(`p-${index}`));
      const added = await Promise.all([storage.providers.seed(presets), another.providers.seed(presets)]);
      expect(added[0].added + added[1].added).toBe(120);
      expect(await storage.providers.list()).toHaveLength(120);
    });

    test('an update changes what it names and clears what is null', async () => {
      await storage.providers.insert(full);
      const { region: _, models: __, ...rest } = full;
      expect(
        await storage.providers.update(full.id, { enabled: true, sortOrder: 9, region: null, models: null }, LATER),
      ).toStrictEqual({ ...rest, enabled: true, sortOrder: 9, updatedAt: LATER });
      const { authPrefix: ___, extraHeaders: ____, ...plain } = rest;
      expect(
        await storage.providers.update(
          full.id,
          { authHeader: 'none', authPrefix: null, extraHeaders: null, keyChoice: 'random' },
          LATER,
        ),
      ).toStrictEqual({
        ...plain,
        enabled: true,
        sortOrder: 9,
        authHeader: 'none',
        keyChoice: 'random',
        updatedAt: LATER,
      });
    });

    test("a provider's keys go with it", async () => {
      await storage.providers.insert(sampleProvider('one'));
      await storage.providers.insert(sampleProvider('two'));
      await storage.apiKeys.insert(sampleApiKey('k1', 'one'), new Secret(SECRET));
      await storage.apiKeys.insert(sampleApiKey('k2', 'two'), new Secret(SECRET));
      expect(await storage.providers.delete(parseProviderId('one'))).toBe(true);
      expect(await storage.apiKeys.get(parseCredentialId('k1'))).toBeUndefined();
      expect(await storage.apiKeys.get(parseCredentialId('k2'))).toBeDefined();
    });
  });

  describe('API keys', () => {
    beforeEach(async () => {
      await storage.providers.insert(sampleProvider('one'));
      await storage.providers.insert(sampleProvider('two'));
    });

    test('come back as they were stored, by provider and creation', async () => {
      const first = sampleApiKey('k1', 'one', { name: 'Main', lastUsedAt: NOW, usageCount: 5, errorCount: 1 });
      const second = sampleApiKey('k0', 'one', { createdAt: LATER, enabled: false, weight: 0 });
      await storage.apiKeys.insert(second, new Secret(SECRET));
      await storage.apiKeys.insert(first, new Secret(SECRET));
      await storage.apiKeys.insert(sampleApiKey('k2', 'two'), new Secret(SECRET));
      expect(await storage.apiKeys.list(parseProviderId('one'))).toStrictEqual([first, second]);
      expect(await storage.apiKeys.get(first.id)).toStrictEqual(first);
    });

    test('secrets come back for every enabled key by creation, and are nowhere in the clear', async () => {
      await storage.apiKeys.insert(sampleApiKey('k2', 'two', { createdAt: LATER }), new Secret(SECRET));
      await storage.apiKeys.insert(sampleApiKey('k1', 'one'), new Secret('{"type":"service_account","ü":"✓"}'));
      await storage.apiKeys.insert(sampleApiKey('off', 'one', { enabled: false }), new Secret('off'));
      const listed = await storage.apiKeys.listWithSecrets();
      expect(listed.map(({ record, secret }) => [record.id, secret.reveal()])).toEqual([
        ['k1', '{"type":"service_account","ü":"✓"}'],
        ['k2', SECRET],
      ]);
      expect(listed[0]?.record).toStrictEqual(sampleApiKey('k1', 'one'));
      const rows = await withEngine(({ db }) => db.selectFrom('api_keys').selectAll().execute());
      expect(rows.map((row) => row.api_key_encrypted.split(':')[0])).toEqual(['v1', 'v1', 'v1']);
      expect(JSON.stringify(rows)).not.toContain(SECRET);
    });

    test('all secrets of one provider come back, also of disabled keys; one that cannot be opened is told by its absence', async () => {
      await storage.apiKeys.insert(sampleApiKey('k1', 'one'), new Secret(SECRET));
      await storage.apiKeys.insert(sampleApiKey('off', 'one', { enabled: false, createdAt: LATER }), new Secret('off'));
      await storage.apiKeys.insert(sampleApiKey('k2', 'two'), new Secret('other'));
      const secrets = async () =>
        (await storage.apiKeys.secretsOf(parseProviderId('one'))).map(({ record, secret }) => [
          record.id,
          secret?.reveal(),
        ]);
      expect(await secrets()).toEqual([
        ['k1', SECRET],
        ['off', 'off'],
      ]);
      await withEngine(({ db }) =>
        sql`update api_keys set api_key_encrypted = 'v1:x:y:z' where id = 'off'`.execute(db),
      );
      expect(await secrets()).toEqual([
        ['k1', SECRET],
        ['off', undefined],
      ]);
    });

    test('a taken id and a missing provider are conflicts', async () => {
      await storage.apiKeys.insert(sampleApiKey('k1', 'one'), new Secret(SECRET));
      const version = await storage.configVersion();
      await expect(storage.apiKeys.insert(sampleApiKey('k1', 'two'), new Secret('x'))).rejects.toMatchObject({
        code: 'api_key_exists',
      });
      await expect(storage.apiKeys.insert(sampleApiKey('k9', 'none'), new Secret('x'))).rejects.toMatchObject({
        code: 'provider_missing',
        field: 'provider_id',
      });
      expect(await storage.configVersion()).toBe(version);
    });

    test('an update replaces the secret, or leaves it', async () => {
      const record = sampleApiKey('k1', 'one', { name: 'Main' });
      await storage.apiKeys.insert(record, new Secret(SECRET));
      const { name: _, ...rest } = record;
      expect(await storage.apiKeys.update(record.id, { name: null, weight: 5 }, LATER)).toStrictEqual({
        ...rest,
        weight: 5,
        updatedAt: LATER,
      });
      expect((await storage.apiKeys.listWithSecrets())[0]?.secret.reveal()).toBe(SECRET);
      await storage.apiKeys.update(record.id, { secret: new Secret('new'), hint: 'new' }, LATER);
      expect((await storage.apiKeys.listWithSecrets())[0]).toMatchObject({ record: { hint: 'new' } });
      expect((await storage.apiKeys.listWithSecrets())[0]?.secret.reveal()).toBe('new');
      expect(await storage.apiKeys.delete(record.id)).toBe(true);
      expect(await storage.apiKeys.delete(record.id)).toBe(false);
    });

    test('counters add up from several writers, time goes only forward, and the configuration stays as it is', async () => {
      const another = await open();
      const [a, b] = [sampleApiKey('a', 'one'), sampleApiKey('b', 'one')];
      await storage.apiKeys.insert(a, new Secret(SECRET));
      await storage.apiKeys.insert(b, new Secret(SECRET));
      const version = await storage.configVersion();
      await Promise.all(
        Array.from({ length: 20 }, (_, round) =>
          (round % 2 === 0 ? storage : another).apiKeys.addCounts(
            // In both orders, so that writers that lock in the order given would wait in a circle.
            [a, b]
              .toSorted(() => (round % 2 === 0 ? 1 : -1))
              .map(({ id }) => ({ id, used: 2, errors: 1, lastUsedAt: NOW + round })),
          ),
        ),
      );
      const expected = { usageCount: 40, errorCount: 20, lastUsedAt: NOW + 19 };
      expect(await storage.apiKeys.list(parseProviderId('one'))).toMatchObject([expected, expected]);
      await storage.apiKeys.addCounts([{ id: a.id, used: 0, errors: 0, lastUsedAt: NOW }]);
      expect((await storage.apiKeys.get(a.id))?.lastUsedAt).toBe(NOW + 19);
      expect(await storage.configVersion()).toBe(version);
    });

    test('a secret moved to another row, or changed by a byte, is refused by its id alone', async () => {
      await storage.apiKeys.insert(sampleApiKey('good', 'one', { createdAt: LATER }), new Secret(SECRET));
      await storage.apiKeys.insert(sampleApiKey('moved', 'one'), new Secret('other'));
      await withEngine(({ db }) =>
        sql`update api_keys set api_key_encrypted = (select api_key_encrypted from api_keys where id = 'good') where id = 'moved'`.execute(
          db,
        ),
      );
      await expect(storage.apiKeys.listWithSecrets()).rejects.toMatchObject({
        code: 'storage_corrupt',
        message: expect.stringMatching(/moved in api_keys/),
      });
      const told: string[] = [];
      const tolerant = await open({ onUnreadableSecret: (error) => told.push(error.message) });
      expect((await tolerant.apiKeys.listWithSecrets()).map(({ record }) => record.id)).toEqual(['good']);
      expect(told).toHaveLength(1);
      expect(told[0]).toContain('moved');
      expect(told[0]).not.toContain(SECRET);
    });
  });

  describe('routes', () => {
    const full = sampleRoute('r1', {
      targets: [{ provider: 'a', model: 'm' }, { model: 'n' }, {}],
      defaultParameters: { top_p: 0.5 },
      output: 'native',
    });

    test('are stored, listed in order, changed and deleted', async () => {
      await storage.routes.insert(full);
      await storage.routes.insert(sampleRoute('r0', { sortOrder: 5, enabled: false }));
      expect(await storage.routes.list()).toStrictEqual([full, sampleRoute('r0', { sortOrder: 5, enabled: false })]);
      const { defaultParameters: _, output: __, ...rest } = full;
      expect(
        await storage.routes.update(
          'r1',
          { pattern: 'x', targets: [], enabled: false, defaultParameters: null, output: null },
          LATER,
        ),
      ).toStrictEqual({ ...rest, pattern: 'x', targets: [], enabled: false, updatedAt: LATER });
      await expect(storage.routes.insert(sampleRoute('r0'))).rejects.toThrow(ConflictError);
      expect(await storage.routes.delete('r1')).toBe(true);
      expect(await storage.routes.get('r1')).toBeUndefined();
    });

    test('a value that was spoiled from outside is named by table, row and column', async () => {
      await storage.routes.insert(full);
      await withEngine(({ db }) => sql`update routes set targets = '[{"provider":7}]'`.execute(db));
      await expect(storage.routes.list()).rejects.toMatchObject({
        code: 'storage_corrupt',
        message: expect.stringContaining('targets of r1 in routes'),
      });
    });
  });

  describe('settings', () => {
    test('hold any JSON value, replace, and remove what is undefined', async () => {
      const values = { 'a.text': 'x\u0000y', 'a.list': [1, { two: null }], 'a.null': null, 'a.no': false };
      await storage.settings.set(values, NOW);
      expect(await storage.settings.all()).toStrictEqual(values);
      await storage.settings.set({ 'a.text': 'z', 'a.list': undefined, new: 1 }, LATER);
      expect(await storage.settings.all()).toStrictEqual({ 'a.text': 'z', 'a.null': null, 'a.no': false, new: 1 });
    });

    test('several are set all or none', async () => {
      await storage.settings.set({ kept: 1 }, NOW);
      const version = await storage.configVersion();
      const bad = { kept: undefined, fine: 2, bad: 10n };
      await expect(storage.settings.set(bad, NOW)).rejects.toThrow(TypeError);
      await withEngine(({ db }) => sql`alter table settings rename to settings_away`.execute(db));
      await expect(storage.settings.set({ kept: 2 }, NOW)).rejects.toMatchObject({ code: 'storage_failed' });
      await withEngine(({ db }) => sql`alter table settings_away rename to settings`.execute(db));
      expect(await storage.settings.all()).toStrictEqual({ kept: 1 });
      expect(await storage.configVersion()).toBe(version);
    });
  });

  describe('the ledger', () => {
    test('entries come back as they were, newest first', async () => {
      const {
        credentialId: _,
        usage: __,
        firstByteMs: ___,
        overheadMs: ____,
        costMicroUsd: _____,
        ...bare
      } = sampleLedgerEntry(2, { outcome: 'failed', errorCode: 'connect_refused', fault: 'upstream' });
      const { upstreamStatus: ______, ...failed } = bare;
      const full = sampleLedgerEntry(1, { usage: { input: 0, output: 7 }, changed: 'dropped=logprobs' });
      await storage.ledger.append([full, failed]);
      expect(await storage.ledger.list({}, { limit: 10 })).toStrictEqual({ items: [failed, full] });
    });

    test('a batch sent again adds nothing and changes nothing', async () => {
      const batch = [sampleLedgerEntry(1), sampleLedgerEntry(2)];
      await storage.ledger.append(batch);
      await storage.ledger.append([sampleLedgerEntry(1, { model: 'other' }), sampleLedgerEntry(3)]);
      await storage.ledger.append([]);
      const { items } = await storage.ledger.list({}, { limit: 10 });
      expect(items).toStrictEqual([sampleLedgerEntry(3), ...batch.toReversed()]);
    });

    test('what clients and upstreams made up does not refuse the batch', async () => {
      const odd = sampleLedgerEntry(1, {
        model: 'nul\0 \ud800 quote\' \\ {"a",NULL} \n',
        upstreamModel: '',
        usage: { input: 1e300, output: 1.5, reasoning: Number.NaN },
        durationMs: 3.7,
      });
      await storage.ledger.append([odd, sampleLedgerEntry(2)]);
      const { items } = await storage.ledger.list({}, { limit: 10 });
      expect(items[1]).toMatchObject({
        upstreamModel: '',
        usage: { input: Number.MAX_SAFE_INTEGER, output: 2 },
        durationMs: 4,
      });
      expect(items[1]?.model).toBe('nul\u{fffd} \u{fffd} quote\' \\ {"a",NULL} \n');
    });

    test('pages join without gap or repeat, also where times are equal', async () => {
      const entries = Array.from({ length: 23 }, (_, n) => sampleLedgerEntry(n, { startedAt: NOW + (n % 3) }));
      await storage.ledger.append(entries);
      const seen: string[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page = await storage.ledger.list({}, { limit: 5, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map((entry) => entry.id));
        cursor = page.nextCursor;
        pages += 1;
      } while (cursor !== undefined);
      expect(pages).toBe(5);
      const expected = entries.toSorted((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1));
      expect(seen).toEqual(expected.map((entry) => entry.id));
    });

    test('filters narrow the list, and a page holds at most 500', async () => {
      await storage.ledger.append(Array.from({ length: 520 }, (_, n) => sampleLedgerEntry(n)));
      await storage.ledger.append([
        sampleLedgerEntry(900, { clientKeyId: parseClientKeyId('key-2') }),
        sampleLedgerEntry(901, { providerId: parseProviderId('other') }),
      ]);
      const idsOf = async (filter: Parameters<Storage['ledger']['list']>[0]): Promise<string[]> =>
        (await storage.ledger.list(filter, { limit: 10_000 })).items.map((entry) => entry.requestId);
      expect(await idsOf({})).toHaveLength(500);
      expect(await idsOf({ requestId: parseRequestId('req-7') })).toEqual(['req-7']);
      expect(await idsOf({ clientKeyId: parseClientKeyId('key-2') })).toEqual(['req-900']);
      expect(await idsOf({ providerId: parseProviderId('other') })).toEqual(['req-901']);
      expect(await idsOf({ since: NOW + 3_000, until: NOW + 5_000 })).toEqual(['req-4', 'req-3']);
    });

    test.each(['', '!!!', Buffer.from('x y').toString('base64url'), Buffer.from('1').toString('base64url')])(
      'the cursor %j is the client’s mistake',
      async (cursor) => {
        await expect(storage.ledger.list({}, { limit: 5, cursor })).rejects.toThrow(InvalidRequestError);
      },
    );

    test('what is older than a time is deleted, over several slices, and counted', async () => {
      for (let start = 0; start < 4_500; start += 500) {
        await storage.ledger.append(Array.from({ length: 500 }, (_, n) => sampleLedgerEntry(start + n)));
      }
      expect(await storage.ledger.deleteOlderThan(NOW + 4_400 * 1_000)).toBe(4_400);
      expect(await storage.ledger.deleteOlderThan(NOW + 4_400 * 1_000)).toBe(0);
      const { items } = await storage.ledger.list({}, { limit: 500 });
      expect(items).toHaveLength(100);
      expect(items.at(-1)?.requestId).toBe('req-4400');
    });
  });

  describe('the configuration’s version', () => {
    test('rises by one with each change and is seen by others', async () => {
      const another = await open();
      const before = await storage.configVersion();
      await storage.providers.insert(sampleProvider('one'));
      await storage.apiKeys.insert(sampleApiKey('k', 'one'), new Secret('x'));
      await storage.clientKeys.insert(sampleClientKey('c'));
      await storage.routes.insert(sampleRoute('r'));
      await storage.settings.set({ a: 1 }, NOW);
      await storage.ledger.append([sampleLedgerEntry(1)]);
      expect(await another.configVersion()).toBe(before + 5);
    });

    test('no change is lost among writers at once', async () => {
      const another = await open();
      const before = await storage.configVersion();
      await Promise.all(
        Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? storage : another).settings.set({ [`s${n}`]: n }, NOW)),
      );
      expect(await storage.configVersion()).toBe(before + 40);
      expect(Object.keys(await storage.settings.all())).toHaveLength(40);
    });
  });

  describe('the master key', () => {
    const dump = (): Promise<unknown> =>
      withEngine(async ({ db }) => [
        await db.selectFrom('meta').selectAll().orderBy('name').execute(),
        await db.selectFrom('api_keys').selectAll().orderBy('id').execute(),
      ]);
    const newKey = randomBytes(32);

    beforeEach(async () => {
      await storage.providers.insert(sampleProvider('one'));
      await storage.apiKeys.insert(sampleApiKey('k1', 'one'), new Secret(SECRET));
      await storage.apiKeys.insert(sampleApiKey('k2', 'one'), new Secret('second'));
    });

    test('a wrong one is refused at open with what to do, and nothing is changed', async () => {
      const before = await dump();
      const refusal = open({ masterKey: newKey });
      await expect(refusal).rejects.toMatchObject({
        name: 'StorageError',
        code: 'master_key_wrong',
        message: expect.stringMatching(/Nothing was changed\. Start ProxyCast with the key/),
      });
      expect(await dump()).toEqual(before);
    });

    test('a database whose making was cut short before its key was noted takes the key of the next start', async () => {
      await withEngine(({ db }) => db.deleteFrom('meta').where('name', '=', 'master_key_check').execute());
      const reopened = await open();
      await reopened.apiKeys.insert(sampleApiKey('k3', 'one'), new Secret('third'));
      await expect(open({ masterKey: newKey })).rejects.toMatchObject({ code: 'master_key_wrong' });
    });

    test('one of another length is refused before anything is opened', async () => {
      await expect(open({ masterKey: new Uint8Array(16) })).rejects.toThrow('32 bytes');
    });

    test('after a change only the new one opens the database, and the secrets are the same', async () => {
      expect(await storage.rotateMasterKey(newKey)).toBe(2);
      await storage.apiKeys.insert(sampleApiKey('k3', 'one'), new Secret('third'));
      const reveal = async (one: Storage): Promise<string[]> =>
        (await one.apiKeys.listWithSecrets()).map(({ secret }) => secret.reveal());
      expect(await reveal(storage)).toEqual([SECRET, 'second', 'third']);
      await expect(open()).rejects.toMatchObject({ code: 'master_key_wrong' });
      expect(await reveal(await open({ masterKey: newKey }))).toEqual([SECRET, 'second', 'third']);
    });

    test('a process that still has the old one seals nothing with it', async () => {
      const stale = await open();
      await storage.rotateMasterKey(newKey);
      await expect(stale.apiKeys.insert(sampleApiKey('k3', 'one'), new Secret('third'))).rejects.toMatchObject({
        code: 'master_key_wrong',
      });
      await expect(stale.apiKeys.listWithSecrets()).rejects.toMatchObject({ code: 'master_key_wrong' });
      await expect(stale.rotateMasterKey(randomBytes(32))).rejects.toMatchObject({ code: 'master_key_wrong' });
      expect(await storage.apiKeys.listWithSecrets()).toHaveLength(2);
    });

    test('keys added while it changes are all readable afterwards', async () => {
      const inserts = Array.from({ length: 12 }, (_, n) =>
        storage.apiKeys.insert(sampleApiKey(`new-${n}`, 'one'), new Secret(`secret-${n}`)),
      );
      await Promise.all([...inserts.slice(0, 6), storage.rotateMasterKey(newKey), ...inserts.slice(6)]);
      const reopened = await open({ masterKey: newKey });
      expect(await reopened.apiKeys.listWithSecrets()).toHaveLength(14);
    });

    test('a record that cannot be opened stops the change as a whole', async () => {
      await withEngine(({ db }) => sql`update api_keys set api_key_encrypted = 'v1:x:y:z' where id = 'k2'`.execute(db));
      const before = await dump();
      await expect(storage.rotateMasterKey(newKey)).rejects.toMatchObject({ message: expect.stringContaining('k2') });
      expect(await dump()).toEqual(before);
      await storage.apiKeys.insert(sampleApiKey('k4', 'one'), new Secret('old key still in force'));
      await open();
    });
  });

  test('two that open an empty database at once both get it', async () => {
    location = await bed.createLocation();
    const both = await Promise.all([open(), open()]);
    await both[0].settings.set({ a: 1 }, NOW);
    expect(await both[1].settings.all()).toEqual({ a: 1 });
  });

  test('closing lets what was asked finish, and refuses what comes after', async () => {
    const writes = Array.from({ length: 10 }, (_, n) => storage.settings.set({ [`s${n}`]: n }, NOW));
    const appended = storage.ledger.append([sampleLedgerEntry(1), sampleLedgerEntry(2)]);
    await Promise.all([...writes, appended, storage.close(), storage.close()]);
    await expect(storage.settings.all()).rejects.toMatchObject({ name: 'StorageError' });
    await expect(storage.ledger.append([sampleLedgerEntry(3)])).rejects.toMatchObject({ name: 'StorageError' });
    const reopened = await open();
    expect(Object.keys(await reopened.settings.all())).toHaveLength(10);
    expect((await reopened.ledger.list({}, { limit: 10 })).items).toHaveLength(2);
  });
});
