import { randomBytes } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CredentialStatus, parseCredentialId, type RefreshLease, Secret } from '@proxycast/spec';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openEngine, type StorageLocation } from '../open-engine.ts';
import { openStorage } from '../open-storage.ts';
import type { Storage } from '../storage.ts';
import { NOW, samplePlugin, samplePluginCredential } from '../testing/sample-records.ts';
import { createStorageBeds } from '../testing/storage-beds.ts';

const MASTER_KEY = randomBytes(32);
const ID = parseCredentialId('c1');
const UNTIL = NOW + 90_000;
const ENDED: CredentialStatus = { type: 'needs_login', reason: 'The login was revoked.' };

describe.each(createStorageBeds())('leases of refreshes on $engine', (bed) => {
  let location: StorageLocation;
  let storage: Storage;
  /** The same database, as another process has it. */
  let other: Storage;

  beforeAll(() => bed.start(), 60_000);
  afterAll(() => bed.stop(), 60_000);
  beforeEach(async () => {
    location = await bed.createLocation();
    const backupsDirectory = await bed.createDirectory();
    const open = () => openStorage({ location, masterKey: MASTER_KEY, backupsDirectory, now: () => NOW });
    storage = await open();
    other = await open();
    await storage.plugins.put(samplePlugin('one'));
    await storage.pluginCredentials.insert(samplePluginCredential(ID, 'one'), new Secret('first'));
  });
  afterEach(async () => {
    await storage.close();
    await other.close();
  });

  const take = (by: Storage, now = NOW, ignoresRest = false) =>
    by.sharedState.refreshes.take(ID, { owner: 'me', until: now + 90_000, ignoresRest }, now);
  async function taken(by: Storage, now = NOW): Promise<RefreshLease> {
    const taking = await take(by, now);
    if (taking.type !== 'taken') throw new Error(`It is ${taking.type}.`);
    return taking.lease;
  }
  const renewed = (text: string, fromVersion = 1) => ({ fromVersion, data: new Secret(text), expiresAt: UNTIL });
  async function stored() {
    const row = await storage.pluginCredentials.getWithData(ID);
    return row && [row.record.version, row.data.reveal(), row.record.status.type];
  }

  test('of twenty that ask at once one gets it, and the next when it is let go', async () => {
    const takings = await Promise.all(Array.from({ length: 20 }, (_, n) => take(n % 2 === 0 ? storage : other)));
    expect(takings.filter(({ type }) => type === 'taken')).toEqual([
      { type: 'taken', lease: { id: ID, fence: 1, failures: 0 } },
    ]);
    expect(takings.filter(({ type }) => type === 'held')).toHaveLength(19);
    await storage.sharedState.refreshes.release({ id: ID, fence: 1, failures: 0 });
    expect(await taken(other)).toEqual({ id: ID, fence: 2, failures: 0 });
    // A holder of before lets go of nothing.
    await storage.sharedState.refreshes.release({ id: ID, fence: 1, failures: 0 });
    expect(await take(storage)).toEqual({ type: 'held' });
  });

  test('of a credential that is not there, or was removed, there is none', async () => {
    const { refreshes } = storage.sharedState;
    const by = { owner: 'me', until: UNTIL, ignoresRest: false };
    expect(await refreshes.take(parseCredentialId('none'), by, NOW)).toEqual({ type: 'gone' });
    await taken(storage);
    await storage.pluginCredentials.delete(ID);
    expect(await take(storage)).toEqual({ type: 'gone' });
    const engine = await openEngine(location, '');
    expect(await engine.db.selectFrom('refresh_leases').selectAll().execute()).toEqual([]);
    await engine.close();
  });

  test('a version is marked once, by the holder alone, and what it gave is saved once', async () => {
    const { refreshes } = storage.sharedState;
    const lease = await taken(storage);
    expect(await refreshes.startAttempt({ ...lease, fence: 7 }, 1, UNTIL, NOW)).toBe(false);
    expect(await refreshes.startAttempt(lease, 2, UNTIL, NOW)).toBe(false);
    expect(await refreshes.save(lease, renewed('unmarked'), NOW)).toBe(false);
    expect(await refreshes.startAttempt(lease, 1, UNTIL, NOW)).toBe(true);
    expect(await refreshes.startAttempt(lease, 1, UNTIL, NOW)).toBe(false);
    const before = await storage.configVersion();
    const saves = await Promise.all([
      refreshes.save(lease, renewed('a'), NOW),
      other.sharedState.refreshes.save(lease, renewed('b'), NOW),
    ]);
    expect(saves.filter(Boolean)).toHaveLength(1);
    expect(await stored()).toEqual([2, saves[0] ? 'a' : 'b', 'active']);
    expect(await storage.configVersion()).toBe(before + 1);
    // It was let go, unmarked.
    expect(await taken(other)).toEqual({ id: ID, fence: 2, failures: 0 });
  });

  test('a holder that stays away is passed over, its mark is seen, and what it brings late is saved', async () => {
    const { refreshes } = storage.sharedState;
    const lease = await taken(storage);
    await refreshes.startAttempt(lease, 1, UNTIL, NOW);
    expect(await take(other, UNTIL - 1)).toEqual({ type: 'held' });
    const next = await taken(other, UNTIL);
    expect(next).toEqual({ id: ID, fence: 2, failures: 0, attempt: { fence: 1, version: 1, at: NOW } });
    expect(await other.sharedState.refreshes.startAttempt(next, 1, UNTIL, UNTIL)).toBe(false);
    expect(await other.sharedState.refreshes.end(next, 1, ENDED, UNTIL)).toBe(true);
    expect(await stored()).toEqual([1, 'first', 'needs_login']);
    expect(await refreshes.save(lease, renewed('late'), UNTIL)).toBe(true);
    expect(await stored()).toEqual([2, 'late', 'active']);
  });

  test('an end speaks of one version, and of its holder: it never touches a newer one', async () => {
    const { refreshes } = storage.sharedState;
    const lease = await taken(storage);
    await refreshes.startAttempt(lease, 1, UNTIL, NOW);
    expect(await other.sharedState.refreshes.adopt(ID, renewed('from disk'), NOW)).toBe(true);
    expect(await other.sharedState.refreshes.adopt(ID, renewed('from disk again'), NOW)).toBe(false);
    expect(await refreshes.end(lease, 1, ENDED, NOW)).toBe(false);
    expect(await refreshes.save(lease, renewed('ours'), NOW)).toBe(false);
    expect(await refreshes.end({ ...lease, fence: 9 }, 2, ENDED, NOW)).toBe(false);
    expect(await stored()).toEqual([2, 'from disk', 'active']);
    // The mark of the version before does not keep anyone from the next.
    await refreshes.release(lease);
    const next = await taken(other);
    expect(await refreshes.startAttempt(next, 2, UNTIL, NOW)).toBe(true);
  });

  test('after a failure it rests, unless a person asks; what somebody else brought ends the rest', async () => {
    const { refreshes } = storage.sharedState;
    const lease = await taken(storage);
    await refreshes.startAttempt(lease, 1, UNTIL, NOW);
    expect(await refreshes.postpone(lease, { failures: 1, until: NOW + 5_000 })).toBe(true);
    expect(await take(other, NOW + 4_999)).toEqual({ type: 'resting', until: NOW + 5_000 });
    expect(await take(other, NOW + 4_999, true)).toMatchObject({ type: 'taken', lease: { fence: 2, failures: 1 } });
    expect(await take(other, NOW + 4_999)).toEqual({ type: 'held' });
    expect(await refreshes.postpone(lease, { failures: 2, until: UNTIL })).toBe(false);
    await refreshes.release({ ...lease, fence: 2 });
    expect(await taken(other, NOW + 5_000)).toEqual({ id: ID, fence: 3, failures: 1 });
    await refreshes.postpone({ ...lease, fence: 3 }, { failures: 2, until: UNTIL });
    // A person asked, and the process died: the rest goes on, and nobody waits for the dead.
    await refreshes.take(ID, { owner: 'dead', until: NOW + 7_000, ignoresRest: true }, NOW + 6_000);
    expect(await take(other, NOW + 7_000)).toEqual({ type: 'resting', until: UNTIL });
    await refreshes.adopt(ID, renewed('from disk'), NOW);
    expect(await taken(storage, NOW + 7_000)).toEqual({ id: ID, fence: 5, failures: 0 });
  });

  test('a mark, and what is saved, are on the disk when they are told', async () => {
    if (location.type !== 'sqlite') return;
    const { refreshes } = storage.sharedState;
    const lease = await taken(storage);
    /** Without its log, as far as a power cut might leave it. */
    const onDisk = async () => {
      const path = join(await bed.createDirectory(), 'cut.db');
      if (location.type === 'sqlite') await copyFile(location.path, path);
      using database = new DatabaseSync(path);
      return [
        database.prepare('select attempt_version from refresh_leases').get()?.attempt_version,
        database.prepare('select version from plugin_credentials').get()?.version,
      ];
    };
    await refreshes.startAttempt(lease, 1, UNTIL, NOW);
    expect(await onDisk()).toEqual([1, 1]);
    await refreshes.save(lease, renewed('next'), NOW);
    expect(await onDisk()).toEqual([null, 2]);
  });

  test('what is saved or adopted is sealed', async () => {
    const lease = await taken(storage);
    await storage.sharedState.refreshes.startAttempt(lease, 1, UNTIL, NOW);
    await storage.sharedState.refreshes.save(lease, renewed('rt-0123456789'), NOW);
    await storage.sharedState.refreshes.adopt(ID, renewed('rt-9876543210', 2), NOW);
    const engine = await openEngine(location, '');
    const rows = [
      await engine.db.selectFrom('plugin_credentials').selectAll().execute(),
      await engine.db.selectFrom('refresh_leases').selectAll().execute(),
    ];
    await engine.close();
    expect(JSON.stringify(rows)).not.toContain('rt-');
    expect(await stored()).toEqual([3, 'rt-9876543210', 'active']);
  });
});
