import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

let home: string;
let port: string;
let server: ChildProcess | undefined;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'proxycast-cli-'));
  port = await findFreePort();
});
afterEach(async () => {
  await stop();
  rmSync(home, { recursive: true, force: true });
});

async function findFreePort(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? String(address.port) : '';
}

/** A person's environment, with nothing of the machine's own ProxyCast. */
const environment = (changes: Readonly<Record<string, string>> = {}) => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  PROXYCAST_HOME: join(home, '.proxycast'),
  PROXYCAST_PORT: port,
  LANG: 'en_US.UTF-8',
  ...changes,
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

function run(args: readonly string[], changes: Readonly<Record<string, string>> = {}, stdin = ''): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env: environment(changes) });
    let out = '';
    let error = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      error += chunk.toString('utf8');
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, error }));
    child.stdin.end(stdin);
  });
}

async function serve(changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn(process.execPath, [MAIN, 'serve'], { env: environment(changes) });
  server = child;
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      if (output.includes(`127.0.0.1:${port}/\n`)) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('close', (code) => reject(new Error(`ended with ${code}: ${output}`)));
  });
  return output;
}

async function stop(): Promise<void> {
  const child = server;
  server = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await closed;
}

const backups = (): readonly string[] =>
  readdirSync(join(home, '.proxycast', 'backups')).filter((name) => name.startsWith('proxycast-'));

test('from an empty home to a provider, a key, a backup and back, and on the files of a stopped server', async () => {
  const before = await run(['provider', 'list']);
  expect([before.code, before.out]).toEqual([1, '']);
  expect(before.error).toContain('No admin token');
  expect(existsSync(join(home, '.proxycast'))).toBe(false);

  await serve();
  expect((await run(['provider', 'add', 'deepseek', '--key-stdin'], {}, 'sk-of-this-test\n')).out).toBe(
    'The key was added to deepseek.\nProvider deepseek is enabled.\n',
  );
  const made = await run(['key', 'create', 'laptop', '--json']);
  expect(JSON.parse(made.out)).toMatchObject({ name: 'laptop', key: expect.stringMatching(/^pc-/) });
  expect((await run(['backup'])).out).toMatch(/^Backup written and opened to check it: \//);
  const [name = ''] = backups();
  expect((await run(['backup', '--list'])).out).toContain(name);
  await run(['provider', 'add', 'openai', '--key-stdin'], {}, 'sk-of-this-test-too\n');

  const restored = await run(['restore', name]);
  expect(restored.out).toMatch(/is in place\.\nWhat was there before is kept: /);
  expect((await run(['provider', 'list'])).out).toMatch(/deepseek(?![\s\S]*api\.openai)/);
  expect((await run(['migrate'])).error).toMatch(/^A ProxyCast \(process \d+\) uses /);
  expect((await run(['restore', '/etc/hostname'])).error).toContain('stop the server first');
  await stop();

  const stopped = await run(['key', 'list']);
  expect([stopped.code, stopped.error]).toEqual([2, expect.stringContaining('No ProxyCast answers')]);
  const kept = backups().find((other) => other !== name) ?? '';
  expect((await run(['restore', kept])).out).toMatch(/is in place\.\nWhat was there before is kept: .*replaced-/);
  expect((await run(['migrate'])).out).toMatch(/^Schema \d{4}-.*; there was nothing to do\.\n$/);
  expect((await run(['migrate', '--down'])).out).toMatch(/^Schema .* → .*\nA copy from before: /);
  expect((await run(['migrate', '--json'])).out).toContain('"to":');
  await serve();
  expect((await run(['provider', 'list'])).out).toContain('api.openai.com');
}, 120_000);

test('a reader that leaves early is no error', async () => {
  const { code, error } = await new Promise<Ended>((resolve) => {
    const child = spawn(process.execPath, [MAIN, 'completion', 'fish'], { env: environment() });
    let text = '';
    child.stdout.destroy();
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    child.on('close', (ended) => resolve({ code: ended, out: '', error: text }));
  });
  expect([code, error]).toEqual([0, '']);
});

test('what cannot be restored is refused in the person’s language, with nothing replaced', async () => {
  await serve();
  await run(['backup']);
  await stop();
  const folder = join(home, '.proxycast', 'backups');
  const [name = ''] = backups();
  truncateSync(join(folder, name), 9_000);
  const english = await run(['restore', name]);
  expect([english.code, english.error]).toEqual([1, expect.stringMatching(/is damaged .*Choose an older one/)]);
  const chinese = await run(['restore', name], { LANG: 'zh_CN.UTF-8' });
  expect(chinese.error).toMatch(/^备份已损坏/);
  const json = await run(['restore', name, '--json']);
  expect(JSON.parse(json.out)).toMatchObject({ error: { code: 'backup_damaged' } });
  const missing = await run(['restore', join(home, 'none.db')]);
  expect(missing.error).toContain('There is no backup');
  const key = await run(['restore', name], { PROXYCAST_PORT: 'x' });
  expect(key.error).toMatch(/^Wrong settings:\n {2}PROXYCAST_PORT/);
  expect((await run(['doctor'])).code).toBe(0);
}, 120_000);

test('the doctor names several faults of a stopped server at once, in both languages', async () => {
  await serve();
  await stop();
  const other = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => other.listen(Number(port), '127.0.0.1', resolve));
  writeFileSync(join(home, '.proxycast', 'proxycast.yaml'), 'settings: [\n');
  writeFileSync(join(home, '.proxycast', 'secret.key'), 'half a k');
  try {
    const english = await run(['doctor']);
    expect(english.code).toBe(1);
    expect(english.out).toMatch(/fault {2}port: Another program listens/);
    expect(english.out).toMatch(/fault {2}declared: proxycast\.yaml line \d/);
    expect(english.out).toMatch(/fault {2}master_key: .*does not hold a master key/);
    expect(english.out).toMatch(/3 faults, \d warnings\.\n$/);
    const chinese = await run(['doctor'], { LC_ALL: 'zh_CN.UTF-8' });
    expect(chinese.out).toMatch(/故障 {2}port: 另一个程序正在监听/);
    expect(JSON.parse((await run(['doctor', '--json'])).out).checks).toContainEqual(
      expect.objectContaining({ level: 'fault', code: 'port_taken' }),
    );
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
}, 120_000);
