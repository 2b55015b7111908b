import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { copyPlugin } from '../packages/plugin-host/src/testing/build-plugin.ts';
import { createPluginBed, sampleAttempt } from '../packages/plugin-host/src/testing/plugin-bed.ts';
import { createFakeService } from '../plugins/template/backend/testing/create-fake-service.ts';
import { PUBLISHED, packPackages } from './pack-packages.ts';

const root = resolve(import.meta.dirname, '..');
// Far from the repository: nothing of it is found by looking upwards.
const away = realpathSync(mkdtempSync(join(tmpdir(), 'proxycast-away-')));
afterAll(() => rmSync(away, { recursive: true, force: true }));

const tarballs = packPackages(root, join(away, 'packages'));

function run(command: string, words: readonly string[], folder: string): void {
  const path = [join(folder, 'node_modules/.bin'), dirname(process.execPath), process.env['PATH'] ?? ''];
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: path.join(delimiter), npm_config_update_notifier: 'false' },
  });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}

test('each package holds compiled modules and their types, no test, no source', () => {
  expect(tarballs).toHaveLength(PUBLISHED.length);
  for (const tarball of tarballs) {
    const { stdout } = spawnSync('tar', ['tzf', tarball], { encoding: 'utf8' });
    const files = stdout.trim().split('\n');
    expect(files).toContain('package/src/index.js');
    expect(files).toContain('package/src/index.d.ts');
    expect(files.filter((file) => /\.test\.|\/testing\/|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  }
});

test('the template is copied out, installs the packages, checks, tests, builds, and runs', async () => {
  const folder = join(away, 'my-plugin');
  cpSync(join(root, 'plugins/template'), folder, {
    recursive: true,
    filter: (path) => !/[/\\](node_modules|package)$/.test(path),
  });
  // As a person's project has it: the packages from files in place of the registry, which has not got these yet.
  const manifest: { dependencies?: Record<string, string> } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const needed = ['spec', 'plugin-rpc', 'plugin-sdk'];
  manifest.dependencies = Object.fromEntries(
    needed.map((name) => [
      `@proxycast/${name}`,
      `file:${tarballs.find((path) => path.endsWith(`proxycast-${name}-0.1.0.tgz`))}`,
    ]),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'], folder);
  expect(existsSync(join(folder, 'node_modules/@proxycast/plugin-sdk/src/index.js'))).toBe(true);
  run('npm', ['run', 'types'], folder);
  run('npm', ['test'], folder);
  run('npm', ['run', 'build'], folder);

  await using built = await copyPlugin(join(folder, 'package'), 'template');
  const service = createFakeService();
  await using bed = await createPluginBed({
    folder: built.folder,
    send: async ({ method, url, headers, body }) => {
      const text = (): string => Buffer.from(body).toString('utf8');
      const answer = await service.upstream({
        method,
        url,
        headers: new Map(headers.map(([name = '', value = '']) => [name, value])),
        body,
        text,
        json: () => JSON.parse(text()),
        form: () => new URLSearchParams(text()),
      });
      return {
        status: answer?.status ?? 200,
        headers: [],
        body: (async function* () {
          yield Buffer.from(JSON.stringify(answer?.body ?? {}));
        })(),
      };
    },
  });
  expect((await bed.unit.supervisor.start()).type).toBe('running');
  const parsed = await bed.unit.supervisor.call('credential.parse', {
    auth_type: 'token',
    form: { refresh_token: service.createAccount() },
  });
  if (parsed.result.type !== 'parsed') throw new Error('It was refused.');
  const credential = { id: 'c1', ...parsed.result.credential };
  const renewed = await bed.unit.supervisor.call('credential.refresh', { credential, reason: 'expiry' });
  if (renewed.result.type !== 'refreshed') throw new Error('It was not refreshed.');
  const attempt = sampleAttempt({ model: 'sample-chat', credential: { ...credential, data: renewed.result.data } });
  await bed.unit.port.prepare(attempt);
  const leased = bed.unit.port.leased(attempt);
  expect(leased?.call.headers[1]).toBe(`Bearer ${String(renewed.result.data['access_token'])}`);
}, 180_000);
