import { expect, test } from 'vitest';
import { CliError } from './cli-error.ts';
import { cliWorld } from './testing/cli-world.ts';

const ENGLISH = { LANG: 'en_US.UTF-8' };
const TOKEN = {
  id: 'token',
  display_name: 'A token',
  schema: {
    type: 'object',
    required: ['refresh_token', 'region'],
    properties: {
      refresh_token: { type: 'string', title: 'Refresh token', format: 'password' },
      region: { type: 'string', title: 'Region', description: 'Where the account is.', enum: ['eu', 'us'] },
      port: { type: 'integer' },
    },
  },
};
const KEY = {
  id: 'key',
  display_name: 'A key',
  schema: { type: 'object', required: ['key'], properties: { key: { type: 'string', format: 'password' } } },
};
const DEVICE = { id: 'device', display_name: 'A code', schema: null };
const plugin = (types: readonly unknown[] = [DEVICE, TOKEN], notice: unknown = null) => ({
  name: 'p',
  provider: { id: 'p', display_name: 'P', auth_types: types, notice },
});
const credential = (type = 'active', reason: string | null = null) => ({
  id: 'c1',
  plugin: 'p',
  auth_type: 'token',
  name: null,
  identity: { account: 'me@example.com', plan: null, label: null },
  enabled: true,
  state: { type, until: null, reason },
  expires_at: 60_000,
});
const ADD = 'POST /plugins/p/credentials';
const answers = (changes: Readonly<Record<string, unknown>> = {}) => ({
  'GET /plugins/p': plugin(),
  [ADD]: credential(),
  ...changes,
});
const sentBy = (calls: readonly string[]): unknown => {
  const call = calls.find((one) => one.startsWith(`${ADD} `));
  return call === undefined ? undefined : JSON.parse(call.slice(ADD.length));
};
const FORM = { refresh_token: 'rt-secret', region: 'eu' };

test('what is required and was not given is asked for, secrets hidden, and no answer is shown again', async () => {
  const world = cliWorld(answers(), '', ENGLISH, { typed: ['rt-secret', 'eu'] });
  expect(await world.run('credential', 'add', 'p', '--name', 'Mine')).toBe(0);
  expect(world.said).toEqual(['hidden: Refresh token: ', 'Where the account is.', 'asked: Region (eu, us): ']);
  expect(sentBy(world.calls)).toEqual({ auth_type: 'token', config: FORM, name: 'Mine' });
  expect(world.out).toEqual(['p has the login c1.', 'c1: active']);
  expect(JSON.stringify([world.out, world.errors, world.said])).not.toContain('rt-secret');
});

test('fields are given in words, a secret on standard input, values by their type', async () => {
  const { run, calls } = cliWorld(answers(), 'rt-secret\n');
  const fields = ['--field', 'refresh_token=-', '--field', 'region=eu', '--field', 'port=80'];
  expect(await run('credential', 'add', 'p', ...fields)).toBe(0);
  expect(sentBy(calls)).toEqual({ auth_type: 'token', config: { ...FORM, port: 80 } });
});

test.each<readonly [string, readonly string[], number, string]>([
  ['a field is missing', ['--field', 'region=eu'], 2, '--field refresh_token=-'],
  ['a field is unknown', ['--field', 'token=rt-secret'], 2, 'It takes: refresh_token, region, port'],
  ['a field has no value', ['--field', 'rt-secret'], 2, '--field takes name=value.'],
  ['two come on standard input', ['--field', 'region=-', '--field', 'refresh_token=-'], 2, 'Only one field'],
  ['nothing comes', ['--field', 'region=eu', '--field', 'refresh_token=-'], 1, 'Nothing came on standard input.'],
  [
    'a value is of another type',
    ['--field', 'region=eu', '--field', 'refresh_token=rt-secret', '--field', 'port=rt-secret'],
    2,
    'port has to be of the type integer.',
  ],
  ['the type is unknown', ['--type', 'x'], 2, 'From the command line: token'],
  ['the type is a page of the service', ['--type', 'device'], 2, 'goes over a page of the service'],
])('nothing is sent when %s', async (_what, args, code, message) => {
  const { run, calls, errors, out } = cliWorld(answers());
  expect(await run('credential', 'add', 'p', ...args)).toBe(code);
  expect(errors.join()).toContain(message);
  expect(sentBy(calls)).toBeUndefined();
  expect(JSON.stringify([out, errors])).not.toContain('rt-secret');
});

test('of several ways to log in the person chooses one, or names it', async () => {
  const several = { 'GET /plugins/p': plugin([DEVICE, TOKEN, KEY]) };
  const nobody = cliWorld(answers(several));
  expect(await nobody.run('credential', 'add', 'p')).toBe(2);
  expect(nobody.errors).toEqual(['Say which with --type: token, key']);
  const chosen = cliWorld(answers(several), '', ENGLISH, { typed: ['key', 'k'] });
  expect(await chosen.run('credential', 'add', 'p')).toBe(0);
  expect(sentBy(chosen.calls)).toEqual({ auth_type: 'key', config: { key: 'k' } });
  const named = cliWorld(answers(several), 'k');
  expect(await named.run('credential', 'add', 'p', '--type', 'key', '--field', 'key=-')).toBe(0);
  const none = cliWorld(answers({ 'GET /plugins/p': plugin([DEVICE]) }));
  expect(await none.run('credential', 'add', 'p')).toBe(1);
});

test('a service that restricts third parties is told before a login, which then needs a yes', async () => {
  const notice = { status: 'restricted', text: 'Not welcome.', since: null, source: null };
  const told = { 'GET /plugins/p': plugin([KEY], notice) };
  const nobody = cliWorld(answers(told), 'k');
  expect(await nobody.run('credential', 'add', 'p', '--field', 'key=-')).toBe(2);
  expect(nobody.errors.join()).toMatch(/Notice \(RESTRICTED\): Not welcome\.[\s\S]*--yes/);
  expect(sentBy(nobody.calls)).toBeUndefined();
  const refused = cliWorld(answers(told), '', ENGLISH, { typed: ['n'] });
  expect(await refused.run('credential', 'add', 'p')).toBe(1);
  const agreed = cliWorld(answers(told), 'k');
  expect(await agreed.run('credential', 'add', 'p', '--field', 'key=-', '--yes')).toBe(0);
  const inOrder = cliWorld(answers({ 'GET /plugins/p': plugin([KEY], { ...notice, status: 'ok' }) }), 'k');
  expect(await inOrder.run('credential', 'add', 'p', '--field', 'key=-')).toBe(0);
});

test('a refusal that repeats a secret is shown without it', async () => {
  const refusal = new CliError('credential_refused', 'The token rt-secret is none.');
  for (const json of [[], ['--json']]) {
    const { run, out, errors } = cliWorld(answers({ [ADD]: refusal }), 'rt-secret');
    expect(await run('credential', 'add', 'p', '--field', 'region=eu', '--field', 'refresh_token=-', ...json)).toBe(1);
    expect([...out, ...errors].join()).toContain('The token … is none.');
  }
});

test('a login that was spent elsewhere is stored, told, and ends with 1', async () => {
  const spent = credential('needs_login', 'It was used elsewhere.');
  const { run, out } = cliWorld(answers({ [ADD]: spent }), 'rt-secret');
  expect(await run('credential', 'add', 'p', '--field', 'region=eu', '--field', 'refresh_token=-')).toBe(1);
  expect(out).toEqual(['p has the login c1.', 'c1: needs a login', '  It was used elsewhere.']);
});

test('the list is of one plugin or of all, whatever lies in the folder besides', async () => {
  const listed = {
    'GET /plugins': { items: [{ name: 'p' }, { name: 'odd' }] },
    'GET /plugins/p/credentials': {
      items: [credential(), { ...credential('suspended', 'Closed.'), id: 'c2', name: 'Mine', expires_at: 0 }],
    },
    'GET /plugins/odd/credentials': new CliError('not_found', 'There is no such plugin.'),
  };
  const all = cliWorld(listed);
  expect(await all.run('credential', 'list')).toBe(0);
  expect(all.out).toEqual([
    'PLUGIN  ID  NAME            TYPE   STATE      TOKEN UNTIL',
    'p       c1  me@example.com  token  active     1970-01-01T00:01',
    'p       c2  Mine            token  suspended',
    'c2: Closed.',
  ]);
  const one = cliWorld(listed);
  expect(await one.run('credential', 'list', 'p', '--json')).toBe(0);
  expect(JSON.parse(one.out.join(''))).toHaveLength(2);
  expect(one.calls).toEqual(['GET /plugins/p/credentials']);
  expect(await cliWorld(listed).run('credential', 'list', 'odd')).toBe(1);
});

test('a login is tried and renewed, and ends with 1 when it does not work', async () => {
  const { run, out, progress } = cliWorld({
    'POST /plugins/p/credentials/c1/validate': { ok: false, message: 'The service answered 401.' },
    'POST /plugins/p/credentials/c1/refresh': { ok: true, message: null },
  });
  expect(await run('credential', 'test', 'p', 'c1')).toBe(1);
  expect(await run('credential', 'refresh', 'p', 'c1')).toBe(0);
  expect(out).toEqual(['c1 does not work: The service answered 401.', 'c1 was renewed.']);
  expect(progress).toEqual(['Trying c1 …', 'Renewing c1 …']);
});

test('it is switched, reset and removed by its id', async () => {
  const off = { ...credential('disabled', 'A person disabled it.'), enabled: false };
  const { run, out, calls } = cliWorld({
    'POST /plugins/p/credentials/c1/enable': credential(),
    'POST /plugins/p/credentials/c1/disable': off,
    'POST /plugins/p/credentials/c1/reset': credential(),
  });
  for (const action of ['enable', 'disable', 'reset', 'remove'])
    expect(await run('credential', action, 'p', 'c1')).toBe(0);
  expect(calls.map((call) => call.split(' {')[0])).toEqual([
    'POST /plugins/p/credentials/c1/enable',
    'POST /plugins/p/credentials/c1/disable',
    'POST /plugins/p/credentials/c1/reset',
    'DELETE /plugins/p/credentials/c1',
  ]);
  expect(out).toEqual(['c1: active', 'c1: disabled', 'c1: active', 'Login c1 is gone.']);
});

test.each([
  [['credential', 'test', 'p'], '<plugin> <id> is needed'],
  [['credential', 'remove'], '<plugin> <id> is needed'],
  [['credential', 'test', 'p', 'c', 'x'], '"x" is one argument too many'],
  [['plugin', 'show'], '<name> is needed'],
  [['plugin', 'install'], '<folder> is needed'],
])('proxycast %j is refused before anything is asked', async (args, message) => {
  const { run, errors, calls } = cliWorld();
  expect(await run(...args)).toBe(2);
  expect(errors.join()).toContain(message);
  expect(calls).toEqual([]);
});

test('an option that means something of its own in a command is explained there', async () => {
  const { run, out } = cliWorld();
  await run('credential', 'add', '--help');
  expect(out.join('\n')).toMatch(/--type +the login, where the plugin has several/);
});
