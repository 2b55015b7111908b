import { randomBytes } from 'node:crypto';
import { parseCredentialId, Secret } from '@proxycast/spec';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openEngine, type StorageLocation } from '../open-engine.ts';
import { openStorage } from '../open-storage.ts';
import type { Storage } from '../storage.ts';
import { NOW, samplePlugin, samplePluginCredential } from '../testing/sample-records.ts';
import { createStorageBeds } from '../testing/storage-beds.ts';

const MASTER_KEY = randomBytes(32);
const LATER = NOW + 60_000;
const DATA = '{"auth_type":"oauth","data":{"refresh_token":"rt-0123456789"}}';

describe.each(createStorageBeds())('plugins on $engine', (bed) => {
  let location: StorageLocation;
  let backupsDirectory: string;
  let storage: Storage;

  const open = (masterKey: Uint8Array = MASTER_KEY): Promise<Storage> =>
    openStorage({ location, masterKey, backupsDirectory, now: () => NOW });

  beforeAll(() => bed.start(), 60_000);
  afterAll(() => bed.stop(), 60_000);
  beforeEach(async () => {
    location = await bed.createLocation();
    backupsDirectory = await bed.createDirectory();
    storage = await open();
  });
  afterEach(() => storage.close());

  test('come back as they were stored, by name; each change is one of the configuration', async () => {
    const one = samplePlugin('one', {
      settings: { endpoints: { api: 'http://127.0.0.1:1' }, nested: [1, null, 'zwei'] },
      consent: {
        network: ['*.example.com'],
        files: ['~/.tool/auth.json'],
        keychain: [{ service: 'Tool', account: 'me' }, { service: 'Other' }],
      },
      source: { type: 'github', repo: 'owner/name', version: '1.2.3' },
    });
    const two = samplePlugin('two', { enabled: false, source: { type: 'file', path: '/tmp/two.tgz' } });
    const before = await storage.configVersion();
    await storage.plugins.put(two);
    await storage.plugins.put(one);
    expect(await storage.plugins.list()).toStrictEqual([one, two]);
    expect(await storage.plugins.get('one')).toStrictEqual(one);
    expect(await storage.plugins.get('three')).toBeUndefined();
    expect(await storage.configVersion()).toBe(before + 2);
    const changed = { ...one, enabled: false, timeoutMs: 5_000, updatedAt: LATER };
    expect(await storage.plugins.update('one', { enabled: false, timeoutMs: 5_000 }, LATER)).toStrictEqual(changed);
    expect(await storage.plugins.update('three', { enabled: true }, LATER)).toBeUndefined();
    expect(await storage.configVersion()).toBe(before + 3);
    expect(await storage.plugins.delete('one')).toBe(true);
    expect(await storage.plugins.delete('one')).toBe(false);
  });

  test('settings are sealed: a person may have typed a password', async () => {
    await storage.plugins.put(samplePlugin('one', { settings: { client_secret: 'cs-0123456789' } }));
    await storage.plugins.update('one', { settings: { client_secret: 'cs-9876543210' } }, LATER);
    const engine = await openEngine(location, backupsDirectory);
    const rows = await engine.db.selectFrom('credential_provider_plugins').selectAll().execute();
    await engine.close();
    expect(JSON.stringify(rows)).not.toMatch(/cs-\d/);
    expect((await storage.plugins.get('one'))?.settings).toEqual({ client_secret: 'cs-9876543210' });
  });

  test('a new version takes the place of the old and keeps its credentials', async () => {
    await storage.plugins.put(samplePlugin('one'));
    await storage.pluginCredentials.insert(samplePluginCredential('c1', 'one'), new Secret(DATA));
    const next = samplePlugin('one', { version: '2.0.0', createdAt: LATER, updatedAt: LATER });
    await storage.plugins.put(next);
    expect(await storage.plugins.get('one')).toStrictEqual({ ...next, createdAt: NOW });
    expect(await storage.pluginCredentials.list('one')).toHaveLength(1);
    await storage.plugins.delete('one');
    expect(await storage.pluginCredentials.listWithData()).toEqual([]);
  });

  test('a secret of the host’s own is the same for all who ask, also under another master key', async () => {
    const [first, second] = await Promise.all([storage.hostSecret('plugins'), storage.hostSecret('plugins')]);
    expect(first).toHaveLength(32);
    expect(second).toEqual(first);
    expect(await storage.hostSecret('other')).not.toEqual(first);
    const newKey = randomBytes(32);
    expect(await storage.rotateMasterKey(newKey)).toBe(2);
    await using reopened = await open(newKey);
    expect(await reopened.hostSecret('plugins')).toEqual(first);
  });

  describe('credentials', () => {
    beforeEach(() => storage.plugins.put(samplePlugin('one')));

    test('come back as they were stored, with their data sealed', async () => {
      const bare = samplePluginCredential('c1', 'one');
      const full = samplePluginCredential('c2', 'one', {
        name: 'Mine',
        identity: { account: 'me@example.com', plan: 'pro' },
        weight: 3,
        status: { type: 'suspended', words: 'This account was closed.', source: 'https://example.com' },
        expiresAt: LATER,
        stats: { usageCount: 5, errorCount: 1, lastUsedAt: NOW },
      });
      await storage.pluginCredentials.insert(bare, new Secret(DATA));
      await storage.pluginCredentials.insert(full, new Secret('{"second":true}'));
      expect(await storage.pluginCredentials.list('one')).toStrictEqual([bare, full]);
      const all = await storage.pluginCredentials.listWithData();
      expect(all.map(({ data }) => data.reveal())).toEqual([DATA, '{"second":true}']);
      const engine = await openEngine(location, backupsDirectory);
      const rows = await engine.db.selectFrom('plugin_credentials').selectAll().execute();
      await engine.close();
      expect(JSON.stringify(rows)).not.toContain('rt-0123456789');
    });

    test('of a plugin that is not there, or twice, are refused', async () => {
      const record = samplePluginCredential('c1', 'one');
      await storage.pluginCredentials.insert(record, new Secret(DATA));
      await expect(storage.pluginCredentials.insert(record, new Secret(DATA))).rejects.toMatchObject({
        code: 'credential_exists',
      });
      await expect(
        storage.pluginCredentials.insert(samplePluginCredential('c2', 'none'), new Secret(DATA)),
      ).rejects.toMatchObject({ code: 'plugin_missing' });
    });

    test('new data is written only over the version that was read', async () => {
      const id = parseCredentialId('c1');
      await storage.pluginCredentials.insert(samplePluginCredential('c1', 'one'), new Secret(DATA));
      const replace = (text: string): Promise<boolean> =>
        storage.sharedState.refreshes.adopt(
          id,
          { fromVersion: 1, data: new Secret(text), expiresAt: LATER, identity: { account: 'new' } },
          LATER,
        );
      const won = await Promise.all([replace('first'), replace('second')]);
      expect(won.filter(Boolean)).toHaveLength(1);
      const [stored] = await storage.pluginCredentials.listWithData();
      expect(stored?.data.reveal()).toBe(won[0] ? 'first' : 'second');
      expect(stored?.record).toMatchObject({ version: 2, expiresAt: LATER, identity: { account: 'new' } });
    });

    test('are changed and removed by their id', async () => {
      const record = samplePluginCredential('c1', 'one', { name: 'Mine' });
      await storage.pluginCredentials.insert(record, new Secret(DATA));
      const status = { type: 'needs_login', reason: 'The session has ended.' } as const;
      const changes = { name: null, enabled: false, status } as const;
      const { name: _, ...unnamed } = record;
      expect(await storage.pluginCredentials.update(record.id, changes, LATER)).toStrictEqual({
        ...unnamed,
        enabled: false,
        status,
        updatedAt: LATER,
      });
      expect(await storage.pluginCredentials.delete(record.id)).toBe(true);
      expect(await storage.pluginCredentials.get(record.id)).toBeUndefined();
    });

    test('are opened with a new master key after it has changed', async () => {
      await storage.pluginCredentials.insert(samplePluginCredential('c1', 'one'), new Secret(DATA));
      const newKey = randomBytes(32);
      expect(await storage.rotateMasterKey(newKey)).toBe(2);

      await using reopened = await open(newKey);
      expect((await reopened.pluginCredentials.listWithData())[0]?.data.reveal()).toBe(DATA);
      expect(await reopened.plugins.list()).toHaveLength(1);
    });
  });
});
