import { expect, test } from 'vitest';
import { checkPlugins, type ExaminedPlugins } from './check-plugins.ts';

const WALLS: ExaminedPlugins['boundary'] = { outer: { type: 'bubblewrap', version: '0.8', why: null }, open: [] };

type Plugin = ExaminedPlugins['plugins'][number];
const plugin = (state: Plugin['state']['type'], reason: string | null = null, enabled = true): Plugin => ({
  name: 'p',
  enabled,
  state: { type: state, reason, until: null, crashes: 0 },
  provider: null,
});
const PROVIDER: Plugin['provider'] = {
  id: 'p',
  display_name: 'P',
  supported_models: ['p-*'],
  auth_types: [],
  notice: null,
};
const login = (
  type: ExaminedPlugins['credentials'][number]['state']['type'],
  reason: string | null = null,
): ExaminedPlugins['credentials'][number] => ({ id: 'c', plugin: 'p', state: { type, until: null, reason } });

const examine = (changes: Partial<ExaminedPlugins>) =>
  checkPlugins({ plugins: [plugin('running')], credentials: [], boundary: WALLS, ...changes }).map(
    ({ level, name, message }) => `${level} ${name}: ${message}`,
  );

test.each<readonly [string, Plugin, readonly string[]]>([
  ['runs', plugin('running'), ['ok plugin: 1 in order.']],
  ['was disabled by a person', plugin('disabled', null, false), ['ok plugin: 0 in order.']],
  ['does not start', plugin('failed', 'A file was changed.'), ['fault plugin: p does not run. A file was changed.']],
  ['is faulty', plugin('faulty', 'entry is missing'), ['fault plugin: p does not run. entry is missing']],
  [
    'ended by itself',
    plugin('resting', 'It used too much memory.'),
    ['warning plugin: p ended by itself and is started again. It used too much memory.'],
  ],
  [
    'nobody consented to',
    plugin('not_installed', null, false),
    ['warning plugin: p lies in the plugins folder, and nobody consented to it: proxycast plugin install <folder>'],
  ],
])('one that %s', (_what, given, found) => {
  expect(examine({ plugins: [given] })).toEqual(found);
});

test.each<readonly [string, ExaminedPlugins['credentials'], readonly string[]]>([
  ['there is none', [], ['warning credential: p has no login that can be used: proxycast credential add p']],
  ['it rests', [login('cooldown')], []],
  [
    'the only one is disabled',
    [login('disabled')],
    ['warning credential: p has no login that can be used: proxycast credential add p'],
  ],
  [
    'it has ended',
    [login('active'), login('needs_login', 'It was used elsewhere.')],
    ['warning credential: The login c of p has ended. It was used elsewhere. Log in again: proxycast credential add p'],
  ],
  [
    'the service took it away',
    [login('suspended', 'Closed.')],
    ['warning credential: The service suspended the login c of p: Closed.'],
  ],
])('a login is told when %s', (_what, credentials, found) => {
  const plugins = [{ ...plugin('running'), provider: PROVIDER }];
  expect(examine({ plugins, credentials }).slice(1)).toEqual(found);
  // Of a plugin that nobody uses nothing is told.
  expect(examine({ plugins: [{ ...plugin('disabled', null, false), provider: PROVIDER }], credentials })).toEqual([
    'ok plugin: 0 in order.',
  ]);
});

test('a wall that is not there is told, with what nothing holds back', () => {
  const outer = { type: 'none', version: null, why: 'bubblewrap is not installed.' };
  expect(examine({ boundary: { outer, open: ['signals', 'network'] } }).slice(1)).toEqual([
    'warning plugin_boundary: The system puts no wall around plugins: bubblewrap is not installed.',
    'warning plugin_boundary: Nothing holds plugins back from: signals, network. "proxycast plugin boundary" shows each.',
  ]);
});
