import { expect, test } from 'vitest';
import { CliError } from './cli-error.ts';
import { cliWorld } from './testing/cli-world.ts';

const ENGLISH = { LANG: 'en_US.UTF-8' };
const CHINESE = { LANG: 'zh_CN.UTF-8' };
const state = (type: string, reason: string | null = null, until: number | null = null) => ({
  type,
  reason,
  until,
  crashes: 0,
});
const NOTICE = {
  status: 'restricted',
  text: 'Third parties are not welcome.',
  since: '2026-01',
  source: 'https://s.example',
};
const PLUGIN = {
  name: 'sample',
  version: '1.0.0',
  description: 'A sample.',
  enabled: true,
  state: state('running'),
  provider: {
    id: 'sample',
    display_name: 'Sample service',
    supported_models: ['sample-*'],
    auth_types: [
      { id: 'device', display_name: 'A code', schema: null },
      { id: 'token', display_name: 'A token', schema: { type: 'object' } },
    ],
    notice: NOTICE,
  },
  asks: {
    network: ['api.s.example', 'new.s.example'],
    files: ['~/.s/login'],
    keychain: [{ service: 's', account: 'a' }],
  },
  consent: { network: ['api.s.example'], files: ['~/.s/login'], keychain: [{ service: 's', account: 'a' }] },
  config_schema: {
    type: 'object',
    properties: {
      endpoints: { type: 'object', properties: { api: { type: 'string' } } },
      retries: { type: 'integer', title: 'Retries' },
      secret: { type: 'string', title: 'Secret', format: 'password' },
      'a.b': { type: 'boolean', title: 'Dotted' },
    },
  },
  source: { type: 'file', path: '/p' },
  created_at: 0,
};
const INSPECTION = {
  name: 'sample',
  version: '1.0.0',
  description: 'A sample.',
  author: 'Somebody',
  notice: NOTICE,
  asks: PLUGIN.asks,
  replaces: null,
};
const INSTALL = { 'POST /plugins/inspect': INSPECTION, 'POST /plugins/install': PLUGIN };
const SOURCE = '{"source":{"type":"file","path":"/here/./folder"}';

test('a list says of each what it is doing, and why it does not run', async () => {
  const answers = {
    'GET /plugins': {
      items: [
        PLUGIN,
        { ...PLUGIN, name: 'b', state: state('resting', 'It used too much memory.', 0) },
        { name: 'c', version: null, provider: null, state: state('faulty', 'entry is missing.') },
      ],
      next_cursor: null,
    },
  };
  const english = cliWorld(answers);
  expect(await english.run('plugin', 'list')).toBe(0);
  expect(english.out).toEqual([
    'NAME    VERSION  PROVIDER        STATE',
    'sample  1.0.0    Sample service  running',
    'b       1.0.0    Sample service  ended by itself until 1970-01-01T00:00',
    'c                                faulty',
    'b: It used too much memory.',
    'c: entry is missing.',
  ]);
  const chinese = cliWorld(answers, '', CHINESE);
  await chinese.run('plugin', 'list');
  expect(chinese.out.join('\n')).toMatch(/sample .*运行中[\s\S]*自行结束，至 1970/);
  const none = cliWorld({ 'GET /plugins': { items: [] } });
  await none.run('plugin', 'list');
  expect(none.out).toEqual(['There is no plugin. Install one: proxycast plugin install <folder>']);
});

test('one is shown with its logins, its notice, and what it asks for beyond the consent', async () => {
  const { run, out } = cliWorld({ 'GET /plugins/sample': PLUGIN });
  expect(await run('plugin', 'show', 'sample')).toBe(0);
  expect(out).toEqual([
    'sample 1.0.0',
    'A sample.',
    'State: running',
    'Provider: Sample service (sample)',
    'Models: sample-*',
    'Logins:',
    '  device: A code (not from the command line)',
    '  token: A token',
    'Notice (RESTRICTED): Third parties are not welcome.',
    '  2026-01, https://s.example',
    'It asks for:',
    '  network: api.s.example, new.s.example',
    '  files it may have read: ~/.s/login',
    '  items of the keychain: s (a)',
    'It asks for more than you consented to, and does not get it: new.s.example',
    'Installed 1970-01-01T00:00 from /p',
  ]);
});

test('nothing is installed before a person has read what it asks for and said yes', async () => {
  for (const answer of ['', 'n', 'yesterday']) {
    const refused = cliWorld(INSTALL, '', ENGLISH, { typed: [answer] });
    expect(await refused.run('plugin', 'install', './folder')).toBe(1);
    expect(refused.errors).toEqual(['Nothing was done.']);
    expect(refused.calls).toEqual([`POST /plugins/inspect ${SOURCE}}`]);
  }
  const agreed = cliWorld(INSTALL, '', ENGLISH, { typed: ['Y'] });
  expect(await agreed.run('plugin', 'install', './folder')).toBe(0);
  expect(agreed.said).toEqual([
    'sample 1.0.0, by Somebody',
    'A sample.',
    'Notice (RESTRICTED): Third parties are not welcome.',
    '  2026-01, https://s.example',
    'It asks for:',
    '  network: api.s.example, new.s.example',
    '  files it may have read: ~/.s/login',
    '  items of the keychain: s (a)',
    'asked: Install it and let it have this? [y/N] ',
  ]);
  expect(agreed.calls[1]).toBe(`POST /plugins/install ${SOURCE},"consent":${JSON.stringify(PLUGIN.asks)}}`);
  expect(agreed.out).toEqual([
    'Plugin sample 1.0.0 is installed.',
    'sample: running',
    'Log in: proxycast credential add sample',
  ]);
  expect(agreed.progress).toEqual(['Installing sample …']);
});

test('where nobody can be asked it refuses, shows what it would ask, and says how', async () => {
  const refused = cliWorld(INSTALL);
  expect(await refused.run('plugin', 'install', './folder')).toBe(2);
  expect(refused.errors.join('\n')).toMatch(/Notice \(RESTRICTED\)[\s\S]*new\.s\.example[\s\S]*--yes/);
  expect(refused.calls).toHaveLength(1);
  const json = cliWorld(INSTALL);
  expect(await json.run('plugin', 'install', './folder', '--json')).toBe(2);
  expect(JSON.parse(json.out.join(''))).toMatchObject({ error: { code: 'confirmation_required' } });
  const agreed = cliWorld(INSTALL);
  expect(await agreed.run('plugin', 'install', './folder', '--yes', '--json')).toBe(0);
  expect(JSON.parse(agreed.out.join(''))).toEqual(PLUGIN);
  const bare = cliWorld({
    'POST /plugins/inspect': { ...INSPECTION, author: null, notice: null, asks: {}, replaces: '0.9.0' },
  });
  await bare.run('plugin', 'install', 'x');
  expect(bare.errors.join('\n')).toMatch(/unnamed author[\s\S]*version 0\.9\.0[\s\S]*nothing outside its folder/);
});

test('a manifest cannot hide on the terminal what it asks for', async () => {
  const inspection = { ...INSPECTION, description: 'Nice.\u001b[2J\nIt asks for:\n  nothing outside its folder' };
  const { run, said } = cliWorld({ ...INSTALL, 'POST /plugins/inspect': inspection }, '', ENGLISH, { typed: ['n'] });
  await run('plugin', 'install', './folder');
  expect(said[1]).toBe('Nice.\ufffd[2J It asks for:   nothing outside its folder');
});

test('one that is installed and does not start ends with 1 and says why', async () => {
  const { run, out } = cliWorld({
    ...INSTALL,
    'POST /plugins/install': { ...PLUGIN, state: state('failed', 'It speaks another contract.') },
  });
  expect(await run('plugin', 'install', './folder', '-y')).toBe(1);
  expect(out).toEqual(['Plugin sample 1.0.0 is installed.', 'sample: does not start', '  It speaks another contract.']);
});

test('enabling shows what has come of it; a disabled one is as it was wanted', async () => {
  const { run, out } = cliWorld({
    'POST /plugins/sample/enable': { ...PLUGIN, state: state('failed', 'No.') },
    'POST /plugins/sample/disable': { ...PLUGIN, state: state('disabled') },
  });
  expect(await run('plugin', 'enable', 'sample')).toBe(1);
  expect(await run('plugin', 'disable', 'sample')).toBe(0);
  expect(out).toEqual(['sample: does not start', '  No.', 'sample: disabled']);
});

test('removing says how many logins go, and needs a yes', async () => {
  const answers = { 'GET /plugins/sample/credentials': { items: [{ id: 'a' }, { id: 'b' }] } };
  const refused = cliWorld(answers);
  expect(await refused.run('plugin', 'remove', 'sample')).toBe(2);
  expect(refused.errors.join()).toMatch(/its logins \(2\)[\s\S]*--yes/);
  expect(refused.calls).toEqual(['GET /plugins/sample/credentials']);
  const agreed = cliWorld(answers, '', CHINESE, { typed: ['是'] });
  expect(await agreed.run('plugin', 'remove', 'sample')).toBe(0);
  expect(agreed.calls[1]).toBe('DELETE /plugins/sample');
  expect(agreed.out).toEqual(['已移除 sample。']);
});

test('verifying names every file that is another one', async () => {
  const faults = [
    { path: 'bin/a.js', code: 'changed' },
    { path: 'b', code: 'link' },
    { path: 'c', code: 'of-a-later-version' },
  ];
  const { run, out } = cliWorld({ 'POST /plugins/sample/verify': { ok: false, faults } });
  expect(await run('plugin', 'verify', 'sample')).toBe(1);
  expect(out.slice(0, 3)).toEqual(['bin/a.js: changed', 'b: is a link', 'c: of-a-later-version']);
  const well = cliWorld({ 'POST /plugins/sample/verify': { ok: true, faults: [] } });
  expect(await well.run('plugin', 'verify', 'sample')).toBe(0);
});

test('the boundary is a table of both walls, and what is open stands below it', async () => {
  const held = (runtime: string, outer: string) => ({ runtime, outer });
  const boundary = {
    outer: { type: 'none', version: null, why: 'bubblewrap is not installed.' },
    protections: { files: held('holds', 'absent'), signals: held('open', 'absent') },
    open: ['signals'],
  };
  const { run, out } = cliWorld({ 'GET /plugin-boundary': boundary });
  expect(await run('plugin', 'boundary')).toBe(0);
  expect(out).toEqual([
    'Around each plugin’s process the system puts no wall: bubblewrap is not installed.'.replace('’', "'"),
    '',
    'HELD BACK         NODE   SYSTEM',
    'read other files  holds  none',
    'signal ProxyCast  open   none',
    '',
    'Open here, held back by nothing: signal ProxyCast. Install only plugins that you trust.',
  ]);
  const chinese = cliWorld(
    { 'GET /plugin-boundary': { ...boundary, outer: { type: 'bubblewrap', version: '0.8.0' }, open: [] } },
    '',
    CHINESE,
  );
  await chinese.run('plugin', 'boundary');
  expect(chinese.out[0]).toContain('bubblewrap 0.8.0');
  expect(chinese.out.at(-1)).toContain('没有缺口');
});

const CONFIG = {
  enabled: true,
  timeout_ms: 30_000,
  settings: { endpoints: { api: 'https://a.example', login: 'https://l.example' }, secret: 's3cret' },
};
const configWorld = (stdin = '', files: Readonly<Record<string, string>> = {}) =>
  cliWorld(
    { 'GET /plugins/sample': PLUGIN, 'GET /plugins/sample/config': CONFIG, 'PUT /plugins/sample/config': CONFIG },
    stdin,
    ENGLISH,
    { files },
  );

test('settings are shown as they are set, secrets only as being there', async () => {
  const { run, out, calls } = configWorld();
  expect(await run('plugin', 'config', 'sample')).toBe(0);
  expect(out).toEqual([
    'endpoints.api=https://a.example',
    'endpoints.login=https://l.example',
    'secret=(set, not shown)',
    'retries  (not set: Retries)',
    'a.b  (not set: Dotted)',
  ]);
  expect(calls).toEqual(['GET /plugins/sample', 'GET /plugins/sample/config']);
});

test.each<readonly [readonly string[], unknown]>([
  [
    ['--set', 'endpoints.api=http://127.0.0.1:1/?a=b'],
    { endpoints: { api: 'http://127.0.0.1:1/?a=b', login: 'https://l.example' }, secret: 's3cret' },
  ],
  [['--set', 'retries=3', '--set', 'a.b=true'], { ...CONFIG.settings, retries: 3, 'a.b': true }],
  [['--set', 'secret=12'], { ...CONFIG.settings, secret: '12' }],
  [['--set', 'unknown=[1]', '--set', 'other=text'], { ...CONFIG.settings, unknown: [1], other: 'text' }],
  [['--file', 'f.json'], { retries: 1 }],
  [['--file', '-', '--set', 'retries=2'], { secret: 'x', retries: 2 }],
  [['--set', '__proto__.polluted=1'], { ...CONFIG.settings, ['__proto__']: { polluted: 1 } }],
])('settings %j are put as one whole', async (args, settings) => {
  const { run, calls } = configWorld('{"secret":"x"}', { 'f.json': '{"retries":1}' });
  expect(await run('plugin', 'config', 'sample', ...args)).toBe(0);
  const put = calls.find((call) => call.startsWith('PUT ')) ?? '';
  expect(put).toMatch(/^PUT \/plugins\/sample\/config /);
  const sent = JSON.parse(put.slice(put.indexOf('{')));
  expect(JSON.stringify(sort(sent.settings))).toBe(JSON.stringify(sort(settings)));
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});

/** The same with its fields in one order. */
function sort(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, inner]) => [name, sort(inner)]);
}

test.each<readonly [readonly string[], number, string]>([
  [['--set', 'retries=some'], 2, 'retries has to be of the type integer.'],
  [['--set', 'retries=1.5'], 2, 'retries has to be of the type integer.'],
  [['--set', 'a.b=1'], 2, 'a.b has to be of the type boolean.'],
  [['--set', 'secret'], 2, '--set takes name=value.'],
  [['--file', 'none.json'], 1, 'none.json cannot be read.'],
  [['--file', 'bad.json'], 1, 'bad.json has to hold one JSON object.'],
  [['--file', 'list.json'], 1, 'list.json has to hold one JSON object.'],
])('settings %j are refused, and nothing of them is repeated', async (args, code, message) => {
  const { run, calls, errors } = configWorld('', { 'bad.json': '{"secret":"s3cret', 'list.json': '["s3cret"]' });
  expect(await run('plugin', 'config', 'sample', ...args)).toBe(code);
  expect(errors).toEqual([message]);
  expect(calls.filter((call) => call.startsWith('PUT'))).toEqual([]);
});

test('a refusal of the server is explained in Chinese', async () => {
  const { run, errors } = cliWorld(
    { 'POST /plugins/inspect': new CliError('plugin_manifest_invalid', 'This folder holds no plugin.') },
    '',
    CHINESE,
  );
  expect(await run('plugin', 'install', 'x')).toBe(1);
  expect(errors).toEqual(['此文件夹中没有可安装的插件。\n（This folder holds no plugin.）']);
});
