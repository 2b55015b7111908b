import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type AdminClient, createAdminClient } from './admin-client.ts';
import { COMMANDS } from './command-list.ts';
import { runCli } from './run-cli.ts';
import english from './words.en.json' with { type: 'json' };
import { createWords, isWordKey } from './words.ts';
import chinese from './words.zh-CN.json' with { type: 'json' };

const words = createWords({ LANG: 'en_US.UTF-8' });

function world(answers: Readonly<Record<string, unknown>> = {}, stdin = '') {
  const out: string[] = [];
  const errors: string[] = [];
  const calls: string[] = [];
  const server: (readonly string[])[] = [];
  const call =
    (method: string) =>
    async (path: string, body?: unknown): Promise<unknown> => {
      calls.push(`${method} ${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`);
      const answer = answers[`${method} ${path}`];
      if (answer instanceof Error) throw answer;
      return answer ?? {};
    };
  const admin: AdminClient = { get: call('GET'), post: call('POST'), patch: call('PATCH'), delete: call('DELETE') };
  const run = (...args: readonly string[]) =>
    runCli(args, {
      words,
      admin,
      readStdin: async () => stdin,
      runServer: async (serverArgs) => {
        server.push(serverArgs);
        return 3;
      },
      out: (line) => out.push(line),
      error: (line) => errors.push(line),
      isWatched: true,
    });
  return { run, out, errors, calls, server };
}

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
  expect(missing.errors).toEqual(['--type is needed.']);
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
  expect(await json.run('provider', 'test', '--json')).toBe(1);
  expect(JSON.parse(json.out.join(''))).toMatchObject({ error: { code: 'missing_argument' } });
  const wrong = world();
  expect(await wrong.run('key', 'create', '--nonsense')).toBe(2);
});

test('what needs the server’s files is handed to its program, with its exit code', async () => {
  const { run, server } = world();
  expect(await run('serve')).toBe(3);
  expect(await run('restore', '/tmp/x.db', '--json')).toBe(3);
  expect(await run('migrate', '--down')).toBe(3);
  expect(server).toEqual([[], ['restore', '/tmp/x.db', '--json'], ['migrate', '--down']]);
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
  },
);
