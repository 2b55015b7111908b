import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runDoctor } from '../doctor/run-doctor.ts';
import { loadPresets } from '../presets.ts';
import { startApp } from '../testing/start-app.ts';
import { workerUrl } from '../worker-url.ts';

describe('a running server', () => {
  test('writes a backup that opens, lists it, and finds itself well but for what is missing', async () => {
    await using app = await startApp();
    const before = await app.admin('GET', '/doctor');
    expect(namesAt(before.body, 'warning')).toEqual(expect.arrayContaining(['backup', 'provider']));
    writeFileSync(join(app.home, 'proxycast.yaml'), 'settings: [\n');
    expect(namesAt((await app.admin('GET', '/doctor')).body, 'fault')).toEqual(['declared']);
    rmSync(join(app.home, 'proxycast.yaml'));
    const written = await app.admin('POST', '/backup');
    expect(written.status).toBe(200);
    const listed = await app.admin('GET', '/backups');
    expect(JSON.stringify(listed.body)).toContain('proxycast-');
    await app.addProvider({ id: 'own', type: 'openai', api_host: 'http://127.0.0.1:9/v1', models: ['m'] }, 'sk-own');
    const after = await app.admin('GET', '/doctor');
    expect(namesAt(after.body, 'fault')).toEqual([]);
    expect(namesAt(after.body, 'warning').filter((name) => name !== 'runtime' && name !== 'disk')).toEqual([]);
  });
});

const namesAt = (body: unknown, level: string): readonly string[] => {
  const { checks } = body as { readonly checks: readonly { readonly name: string; readonly level: string }[] };
  return checks.filter((check) => check.level === level).map(({ name }) => name);
};

describe('the doctor names what keeps a server from working:', () => {
  const masterKey = Buffer.alloc(32, 5).toString('base64');
  let home: string;
  let environment: Record<string, string>;
  const examine = () =>
    runDoctor({
      environment,
      homedir: '/nowhere',
      sqliteWorkerUrl: workerUrl('sqlite-worker'),
      presets: loadPresets(),
      now: Date.now,
    });
  const faults = async (): Promise<string> =>
    (await examine())
      .filter(({ level }) => level !== 'ok')
      .map(({ level, name, message }) => `${level} ${name}: ${message}`)
      .join('\n');

  beforeEach(async () => {
    // A home with a database, as a server leaves it.
    home = mkdtempSync(join(tmpdir(), 'proxycast-doctor-'));
    rmSync(home, { recursive: true });
    const app = await startApp({ home });
    await app.addProvider({ id: 'own', type: 'openai', api_host: 'http://127.0.0.1:9/v1', models: ['m'] }, 'sk-own');
    await app.stop();
    environment = { PROXYCAST_HOME: home, PROXYCAST_PORT: '0', PROXYCAST_MASTER_KEY: masterKey };
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  test('nothing, but that there is no backup', async () => {
    expect(await faults()).toMatch(/^(warning (disk|runtime).*\n)*warning backup: There is no backup yet[^\n]*$/);
  });

  test('1: wrong settings, all of them', async () => {
    environment = { ...environment, PROXYCAST_PORT: '99999', PROXYCAST_LOG_LEVEL: 'loud' };
    expect(await faults()).toMatch(/fault setting: PROXYCAST_PORT[\s\S]*fault setting: PROXYCAST_LOG_LEVEL/);
  });

  test('2: a home that others can read', async () => {
    chmodSync(home, 0o755);
    expect(await faults()).toContain('warning home:');
  });

  test('3: another program on the port', async () => {
    const other = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    environment['PROXYCAST_PORT'] = typeof address === 'object' && address !== null ? String(address.port) : '';
    expect(await faults()).toContain('fault port: Another program');
    await new Promise((resolve) => other.close(resolve));
  });

  test('4: a missing master key', async () => {
    delete environment['PROXYCAST_MASTER_KEY'];
    expect(await faults()).toContain('fault master_key: The master key is missing');
  });

  test('5: a wrong master key', async () => {
    environment['PROXYCAST_MASTER_KEY'] = Buffer.alloc(32, 6).toString('base64');
    expect(await faults()).toContain('fault master_key:');
  });

  test('6: a damaged database', async () => {
    truncateSync(join(home, 'proxycast.db'), 5_000);
    expect(await faults()).toContain('fault database:');
  });

  test('7: a database of a newer version', async () => {
    change("insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')");
    expect(await faults()).toMatch(/fault database: .*newer ProxyCast/);
  });

  test('8: a provider without a key, and one whose host is none', async () => {
    change(
      "update api_keys set enabled = 0; insert into api_key_providers (id, name, type, api_host, is_system, group_name, enabled, sort_order, created_at, updated_at) values ('bad', 'bad', 'openai', 'no address', 0, 'custom', 1, 1, 0, 0)",
    );
    const found = await faults();
    expect(found).toContain('own is enabled and has no key');
    expect(found).toContain('fault provider: bad');
  });

  test('9: a route and a default provider that lead nowhere', async () => {
    change(
      `insert into routes (id, pattern, targets, sort_order, enabled, created_at, updated_at) values ('r', 'fast', '[{"provider":"gone"}]', 1, 1, 0, 0);
       insert into settings (name, value, updated_at) values ('routing.default_provider', '"gone"', 0)`,
    );
    const found = await faults();
    expect(found).toContain('warning route: The route fast leads to the provider gone');
    expect(found).toContain('warning default_provider:');
  });

  test('10: no client key in force, and a clock that went back', async () => {
    change('update client_keys set revoked_at = 1');
    mkdirSync(join(home, 'backups'), { recursive: true });
    writeFileSync(join(home, 'backups', 'proxycast-20990101T000000000Z-schema-0001.db'), 'x');
    const found = await faults();
    expect(found).toContain('fault client_key:');
    expect(found).toContain('warning clock:');
  });

  test('11: a proxycast.yaml that cannot be applied, and one whose variable is missing', async () => {
    const path = join(home, 'proxycast.yaml');
    writeFileSync(path, 'settings: { limits.max_attempts: lots }\n');
    expect(await faults()).toContain('fault declared: proxycast.yaml settings.limits.max_attempts');
    writeFileSync(path, 'providers: [{ id: deepseek, keys: [{ name: main, key_env: NO_SUCH_KEY }] }]\n');
    expect(await faults()).toContain('environment variable NO_SUCH_KEY, which is not set');
    environment['NO_SUCH_KEY'] = 'sk-x';
    expect(await faults()).not.toContain('declared');
  });

  test('12: a restore that was cut off, of which nothing is touched', async () => {
    renameSync(join(home, 'proxycast.db'), join(home, 'proxycast.db.restored'));
    expect(await faults()).toContain('warning database: A restore was cut off. The next start finishes it.');
    expect(existsSync(join(home, 'proxycast.db'))).toBe(false);
    await using app = await startApp({ home });
    expect(JSON.stringify((await app.admin('GET', '/providers')).body)).toContain('"own"');
  });

  test('13: a protocol file of one’s own that is wrong', async () => {
    mkdirSync(join(home, 'protocols'));
    writeFileSync(join(home, 'protocols', 'mine.json'), '{');
    expect(await faults()).toMatch(/warning protocol: .*mine\.json is wrong and left out/);
  });

  function change(statements: string): void {
    const database = new DatabaseSync(join(home, 'proxycast.db'));
    database.exec(statements);
    database.close();
  }
});
