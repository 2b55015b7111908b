import { execFileSync } from 'node:child_process';
import { DOCTOR_WORDS } from '@proxycast/console-api/doctor-words';
import { expect, test } from 'vitest';
import { createAdminClient } from './admin-client.ts';
import { CliError } from './cli-error.ts';
import { COMMANDS } from './command-list.ts';
import doctorInChinese from './doctor-words.zh-CN.json' with { type: 'json' };
import { cliWorld as world } from './testing/cli-world.ts';
import english from './words.en.json' with { type: 'json' };
import { createWords, isWordKey } from './words.ts';
import chinese from './words.zh-CN.json' with { type: 'json' };

const words = createWords({ LANG: 'en_US.UTF-8' });

test('both languages have the same words with the same fields', () => {
  expect(Object.keys(chinese)).toEqual(Object.keys(english));
  const fieldsOf = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, text] of Object.entries(chinese)) {
    expect(fieldsOf(text), key).toEqual(fieldsOf(isWordKey(key) ? english[key] : ''));
  }
  for (const { summary, options = {} } of COMMANDS) {
    expect(isWordKey(summary), summary).toBe(true);
    for (const option of Object.keys(options))
      expect(isWordKey(`option_${option.replaceAll('-', '_')}`), option).toBe(true);
  }
});

test('help names every command, and a misspelt one is guessed', async () => {
  const help = world();
  expect(await help.run('--help')).toBe(0);
  for (const { name } of COMMANDS) expect(help.out.join('\n')).toContain(name);
  const misspelt = world();
  expect(await misspelt.run('docter')).toBe(2);
  expect(misspelt.errors).toEqual(['There is no command "docter". Did you mean "doctor"?']);
  const second = world();
  expect(await second.run('provider', 'ad', '--json')).toBe(2);
  expect(second.errors).toEqual(['There is no command "provider ad". Did you mean "provider add"?']);
  const foreign = world();
  expect(await foreign.run('key', 'reverberate')).toBe(2);
  expect(foreign.errors.join()).toContain('There is no command "key reverberate".');
  const group = world();
  expect(await group.run('key')).toBe(0);
  expect(group.out.join('\n')).toContain('key revoke');
  const version = world();
  expect([await version.run('--version'), version.out]).toEqual([0, ['1.2.3']]);
});

test('a preset with a key from standard input is keyed and enabled, and the key is in no argument', async () => {
  const { run, out, calls } = world(
    {
      'GET /providers': { items: [{ id: 'deepseek', enabled: false }] },
      'PATCH /providers/deepseek': { id: 'deepseek', enabled: true },
    },
    'sk-secret\n',
  );
  expect(await run('provider', 'add', 'deepseek', '--key-stdin')).toBe(0);
  expect(calls).toEqual([
    'GET /providers',
    'POST /providers/deepseek/keys {"key":"sk-secret"}',
    'PATCH /providers/deepseek {"enabled":true}',
  ]);
  expect(out).toEqual(['The key was added to deepseek.', 'Provider deepseek is enabled.']);
});

test('a provider of one’s own needs a type; its fields go by the names of the columns', async () => {
  const missing = world({ 'GET /providers': { items: [] } });
  expect(await missing.run('provider', 'add', '--id', 'own')).toBe(1);
  expect(missing.errors.join()).toMatch(/no provider "own".*--type/);
  const own = world({ 'GET /providers': { items: [] }, 'POST /providers': { id: 'own', enabled: true } });
  await own.run(
    'provider',
    'add',
    '--id',
    'own',
    '--type',
    'azure-openai',
    '--host',
    'http://h',
    '--api-version',
    '2024-10-21',
    '--models',
    'a, b',
  );
  expect(own.calls[1]).toBe(
    'POST /providers {"id":"own","name":"own","enabled":true,"type":"azure-openai","api_host":"http://h","models":["a","b"],"api_version":"2024-10-21"}',
  );
});

test('lists read every page, and --json prints what the API said', async () => {
  const answers = {
    'GET /client-keys': { items: [{ id: 'k1', name: '甲', prefix: 'pc-1', created_at: 0 }], next_cursor: 'x y' },
    'GET /client-keys?cursor=x%20y': {
      items: [{ id: 'k2', name: 'b', prefix: 'pc-2', revoked_at: 1, created_at: 0 }],
      next_cursor: null,
    },
  };
  const text = world(answers);
  await text.run('key', 'list');
  expect(text.out.join('\n')).toMatch(/k1 +甲 +pc-1… +active +1970/);
  expect(text.out.join('\n')).toMatch(/k2 +b +pc-2… +revoked/);
  const json = world(answers);
  await json.run('key', 'list', '--json');
  expect(JSON.parse(json.out.join('')).map(({ id }: { readonly id: string }) => id)).toEqual(['k1', 'k2']);
});

test('a test that fails says why and ends with 1; errors are JSON where JSON was asked for', async () => {
  const failed = world({
    'POST /providers/p/test': { ok: false, error: { code: 'key_rejected', message: 'The provider rejected the key.' } },
  });
  expect(await failed.run('provider', 'test', 'p')).toBe(1);
  expect(failed.out).toEqual(['p: The provider rejected the key.']);
  const json = world();
  expect(await json.run('provider', 'test', '--json')).toBe(2);
  expect(JSON.parse(json.out.join(''))).toMatchObject({ error: { code: 'missing_argument' } });
  const wrong = world();
  expect(await wrong.run('key', 'create', '--nonsense')).toBe(2);
});

const NOBODY = new CliError('unreachable', 'nobody', 2);
const BACKUPS = { items: [{ name: 'b.db', path: '/h/backups/b.db', written_at: 0 }], next_cursor: null };

test('what needs the server’s files is asked of its program', async () => {
  const { run, out, server } = world({
    'server migrate': { from: '0001-a', to: '0002-b', backup: { type: 'file', path: '/h/c.db' } },
  });
  expect(await run('serve')).toBe(3);
  expect(await run('migrate', '--down')).toBe(0);
  expect(server).toEqual([[], ['migrate', '--down']]);
  expect(out).toEqual(['Schema 0001-a → 0002-b.', 'A copy from before: /h/c.db']);
});

test('a running server restores what it lists, by name or by its path, and nothing else', async () => {
  const answers = { 'GET /backups': BACKUPS, 'POST /restore': { name: 'b.db', bytes: 9, kept: '/h/backups/k.db' } };
  for (const given of ['b.db', '/h/backups/b.db']) {
    const { run, out, calls, server, progress } = world(answers);
    expect(await run('restore', given)).toBe(0);
    expect(calls[1]).toBe('POST /restore {"name":"b.db"}');
    expect(out).toEqual(['b.db (9 bytes) is in place.', 'What was there before is kept: /h/backups/k.db']);
    expect(server).toEqual([]);
    expect(progress).toHaveLength(1);
  }
  for (const given of ['c.db', '/elsewhere/b.db', '../backups/b.db']) {
    const { run, errors, calls } = world(answers);
    expect(await run('restore', given)).toBe(1);
    expect(errors.join()).toContain('stop the server first');
    expect(calls).toEqual(['GET /backups']);
  }
});

test('without a server the backup is restored on the files; a refusal is told as it is', async () => {
  const stopped = world({ 'GET /backups': NOBODY, 'server restore': { name: 'x.db', bytes: 9 } });
  expect(await stopped.run('restore', '/tmp/x.db')).toBe(0);
  expect(stopped.server).toEqual([['restore', '/tmp/x.db']]);
  const refused = world({
    'GET /backups': NOBODY,
    'server restore': new CliError('backup_damaged', 'The backup x is damaged.'),
  });
  expect(await refused.run('restore', 'x')).toBe(1);
  expect(refused.errors).toEqual(['The backup x is damaged.']);
  const json = world({ 'GET /backups': NOBODY, 'server restore': new CliError('backup_damaged', 'Damaged.') });
  expect(await json.run('restore', 'x', '--json')).toBe(1);
  expect(JSON.parse(json.out.join(''))).toEqual({ error: { code: 'backup_damaged', message: 'Damaged.' } });
});

test('the doctor asks the server, else its program, and ends with 1 when there is a fault', async () => {
  const checks = [
    { name: 'port', level: 'fault', code: 'port_taken', fields: { address: 'h:1' }, message: 'Another program …' },
    { name: 'new', level: 'ok', code: 'of_a_later_version', fields: {}, message: 'Something new.' },
  ];
  const stopped = world({ 'GET /doctor': NOBODY, 'server doctor': { checks } });
  expect(await stopped.run('doctor')).toBe(1);
  expect(stopped.out).toEqual(['fault  port: Another program …', 'ok  new: Something new.', '1 faults, 0 warnings.']);
  const chinese = world({ 'GET /doctor': { checks } }, '', { LANG: 'zh_CN.UTF-8' });
  expect(await chinese.run('doctor')).toBe(1);
  expect(chinese.out[0]).toBe('故障  port: 另一个程序正在监听 h:1。请停止它，或将 PROXYCAST_PORT 设为空闲端口。');
  expect(chinese.out[1]).toContain('Something new.');
});

test('a refusal is explained in Chinese and keeps the words that name the thing', async () => {
  const refusal = new CliError('backup_damaged', 'The backup x is damaged.');
  const { run, errors } = world({ 'GET /backups': NOBODY, 'server restore': refusal }, '', { LC_ALL: 'zh_CN.UTF-8' });
  await run('restore', 'x');
  expect(errors.join()).toMatch(/^备份已损坏[^\n]*\n（The backup x is damaged\.）$/);
});

test('the doctor’s words are the same in both languages', () => {
  expect(Object.keys(doctorInChinese)).toEqual(Object.keys(DOCTOR_WORDS));
  const fieldsOf = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
  for (const [code, text] of Object.entries(DOCTOR_WORDS))
    expect(fieldsOf(new Map(Object.entries(doctorInChinese)).get(code) ?? ''), code).toEqual(fieldsOf(text));
});

test.each([
  [['key', 'create', '--nonsense'], 'There is no option --nonsense'],
  [['key', 'create', 'a', 'b'], '"b" is one argument too many'],
  [['key', 'create', '--expires', 'soon'], '--expires must be a number of days'],
  [['key', 'create', '--expires=-3'], '--expires must be a number of days'],
  [['provider', 'list', 'x'], '"x" is one argument too many'],
  [['provider', 'add', '--key'], 'The option --key is given wrongly'],
  [['provider', 'add'], '<id> is needed'],
  [['key', 'revoke'], '<id> is needed'],
  [['restore'], '<backup> is needed'],
])('proxycast %j is refused before anything is asked', async (args, words) => {
  const { run, errors, calls, server } = world({ 'GET /providers': { items: [] } });
  expect(await run(...args)).toBe(2);
  expect(errors.join()).toContain(words);
  expect([...calls.filter((call) => !call.startsWith('GET /providers')), ...server]).toEqual([]);
});

test('a preset that was enabled without a key says what is missing', async () => {
  const { run, out } = world({
    'GET /providers': { items: [{ id: 'deepseek', type: 'openai', enabled: true }] },
    'GET /providers/deepseek/keys': { items: [] },
  });
  await run('provider', 'add', 'deepseek');
  expect(out.join()).toContain('deepseek has no key yet');
});

test('of several keys each is told', async () => {
  const { run, out } = world({
    'POST /providers/p/test': {
      ok: true,
      latency_ms: 12.4,
      results: [
        { key_id: 'a', ok: true, code: 'valid', message: 'The key works.' },
        { key_id: 'b', ok: false, code: 'key_rejected', message: 'Rejected.' },
      ],
    },
  });
  expect(await run('provider', 'test', 'p')).toBe(0);
  expect(out).toEqual(['p answered in 12 ms.', '  key a: ok  The key works.', '  key b: fault  Rejected.']);
});

test('no server, no token and something else on the port are told apart', async () => {
  const client = (fetch: typeof globalThis.fetch, token?: string) =>
    createAdminClient({ url: 'http://127.0.0.1:1', token, tokenPath: 'admin.token', words, fetch });
  const answering = (body: string, status: number) => async () => new Response(body, { status });
  await expect(client(answering('', 200)).get('/x')).rejects.toThrow('No admin token');
  await expect(
    client(async () => {
      throw new TypeError('refused');
    }, 't').get('/x'),
  ).rejects.toMatchObject({ code: 'unreachable', exitCode: 2 });
  await expect(client(answering('<html>', 200), 't').get('/x')).rejects.toMatchObject({ code: 'not_json' });
  await expect(client(answering('{"error":{"code":"c","message":"m"}}', 400), 't').get('/x')).rejects.toMatchObject({
    code: 'c',
    message: 'm',
  });
});

test.each(['bash', 'zsh', 'fish'])(
  'completion for %s names every command, and bash can read its own',
  async (shell) => {
    const { run, out } = world();
    expect(await run('completion', shell)).toBe(0);
    const script = out.join('\n');
    for (const { name } of COMMANDS) expect(script).toContain(name.split(' ').at(-1));
    if (shell !== 'bash') return;
    const complete = (line: string) =>
      execFileSync('bash', [
        '-c',
        `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _proxycast; echo "\${COMPREPLY[@]}"`,
      ])
        .toString()
        .trim();
    expect(complete('proxycast pro')).toBe('provider');
    expect(complete('proxycast provider l')).toBe('list');
    expect(complete('proxycast migrate --d')).toBe('--down');
    expect(complete('proxycast credential re')).toBe('refresh reset remove');
    expect(complete('proxycast plugin config --s')).toBe('--set');
  },
);
