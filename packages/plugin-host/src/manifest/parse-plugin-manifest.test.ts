import { describe, expect, test } from 'vitest';
import { sampleManifest } from '../testing/sample-manifest.ts';
import { compareVersions } from './compare-versions.ts';
import { expandFilePath, findFilePatternFault } from './file-pattern.ts';
import { matchesHostPattern, parseHostPattern } from './host-pattern.ts';
import { type ManifestContext, parsePluginManifest } from './parse-plugin-manifest.ts';

const CONTEXT: ManifestContext = { hostVersion: '1.4.0', platform: 'linux-x64' };
const parse = (json: unknown, context = CONTEXT) => parsePluginManifest(JSON.stringify(json), context);
const provider = (changes: object) => ({ provider: { ...(sampleManifest()['provider'] as object), ...changes } });

test('the full form is taken as it is', () => {
  const reading = parse(sampleManifest({ network: ['api.example.com', '*.example.com', 'oidc.*.example.com:8443'] }));
  expect(reading).toMatchObject({
    type: 'valid',
    warnings: [],
    manifest: { name: 'sample-provider', runtime: 'node' },
  });
});

test('the older, shorter form becomes the full one', () => {
  const reading = parse({
    name: 'sample-provider',
    version: '1.0.0',
    description: 'Sample OAuth Provider',
    plugin_type: 'oauth_provider',
    entry: 'sample-provider-cli',
    min_proxycast_version: '1.0.0',
    provider: {
      id: 'sample',
      display_name: 'Sample',
      target_protocol: 'anthropic',
      supported_models: ['claude-*'],
      auth_type: 'oauth',
      credential_schema: { type: 'object', required: ['path'], properties: { path: { type: 'string' } } },
    },
    binary: {
      binary_name: 'sample-provider-cli',
      github_owner: 'someone',
      github_repo: 'sample-provider',
      platform_binaries: { 'linux-x64': 'sample-x86_64-unknown-linux-gnu' },
      checksum_file: 'checksums.txt',
    },
    ui: { surfaces: ['oauth_providers'], icon: 'Cloud', title: 'Sample' },
  });
  expect(reading).toMatchObject({
    type: 'valid',
    manifest: {
      entry: 'bin/sample-provider-cli',
      runtime: 'binary',
      contract_version: 1,
      provider: {
        auth_types: [{ id: 'oauth', display_name: 'OAuth', category: 'oauth' }],
        credential_schema: { oauth: { type: 'object', required: ['path'] } },
      },
      ui: { entry: 'dist/index.js' },
    },
  });
  expect(JSON.stringify(reading)).not.toContain('"auth_type"');
});

test('a JavaScript entry without runtime runs on Node', () => {
  const { runtime: _runtime, ...short } = sampleManifest();
  expect(parse(short)).toMatchObject({ type: 'valid', manifest: { runtime: 'node', entry: 'bin/backend.js' } });
});

test.each([
  { name: 'no JSON', text: '{"name": }', field: '', words: 'no JSON' },
  { name: 'a list', text: '[]', field: '', words: 'JSON object' },
])('$name', ({ text, field, words }) => {
  const reading = parsePluginManifest(text, CONTEXT);
  expect(reading).toMatchObject({ type: 'invalid', faults: [{ field, message: expect.stringContaining(words) }] });
});

test.each<{ json: object; field: string; words: string }>([
  { json: { name: 'Sample Provider' }, field: 'name', words: 'lower-case letters, digits and hyphens' },
  { json: { name: '../x' }, field: 'name', words: 'lower-case letters' },
  { json: { version: '1.0' }, field: 'version', words: 'Write a semantic version' },
  { json: { plugin_type: 'theme' }, field: 'plugin_type', words: 'oauth_provider, hook, protocol' },
  { json: { entry: '../evil.js' }, field: 'entry', words: 'inside the plugin folder' },
  { json: { entry: '/bin/sh' }, field: 'entry', words: 'Name the file that is started' },
  { json: { entry: 'bin/../../x.js' }, field: 'entry', words: 'inside the plugin folder' },
  { json: { entry: undefined }, field: 'entry', words: 'is missing' },
  { json: { runtime: 'deno' }, field: 'runtime', words: '"node" for a JavaScript module' },
  { json: { contract_version: 2 }, field: 'contract_version', words: 'Update ProxyCast' },
  {
    json: { min_proxycast_version: '1.5.0' },
    field: 'min_proxycast_version',
    words: 'needs ProxyCast 1.5.0; this is 1.4.0',
  },
  { json: { provider: undefined }, field: 'provider', words: 'is missing' },
  { json: provider({ id: 'a b' }), field: 'provider.id', words: 'an id of letters' },
  {
    json: provider({ target_protocol: undefined }),
    field: 'provider.target_protocol',
    words: 'for example "anthropic"',
  },
  { json: provider({ supported_models: [] }), field: 'provider.supported_models', words: 'for example ["claude-*"]' },
  { json: provider({ supported_models: 'claude-*' }), field: 'provider.supported_models', words: 'must be an array' },
  { json: provider({ auth_types: undefined }), field: 'provider.auth_types', words: 'at least one way to log in' },
  {
    json: provider({
      auth_types: [
        { id: 'a', display_name: 'A' },
        { id: 'a', display_name: 'B' },
      ],
    }),
    field: 'provider.auth_types.1.id',
    words: 'a second time',
  },
  {
    json: provider({ credential_schema: { other: {} } }),
    field: 'provider.credential_schema.other',
    words: 'for no auth type',
  },
  {
    json: provider({ model_families: [{ name: 'f', pattern: 'x', tier: 'huge' }] }),
    field: 'provider.model_families.0.tier',
    words: 'mini, pro, max',
  },
  {
    json: provider({
      target_protocol: undefined,
      target_protocol_rules: [{ models: ['claude-*'], protocol: 'anthropic' }],
      supported_models: ['claude-*', 'gemini-*'],
    }),
    field: 'provider.target_protocol_rules',
    words: 'no rule for "gemini-*"',
  },
  { json: { network: ['*'] }, field: 'network.0', words: 'two fixed labels' },
  { json: { network: ['*.com'] }, field: 'network.0', words: 'two fixed labels' },
  { json: { network: ['https://api.example.com'] }, field: 'network.0', words: 'without scheme' },
  { json: { network: ['169.254.169.254'] }, field: 'network.0', words: 'not an address' },
  { json: { files: ['/etc/passwd'] }, field: 'files.0', words: 'must begin with one of ~' },
  { json: { files: ['~/../x'] }, field: 'files.0', words: 'must not hold' },
  { json: { files: ['~/*'] }, field: 'files.0', words: 'whole folder' },
  { json: { files: ['~/.config/*/token'] }, field: 'files.0', words: 'last name only' },
  {
    json: { binary: { binary_name: 'x', platform_binaries: { 'macos-arm64': 'x' } } },
    field: 'binary.platform_binaries',
    words: 'not offered for linux-x64',
  },
  {
    json: { binary: { binary_name: 'x', platform_binaries: { 'linux-x64': 'x', amiga: 'y' } } },
    field: 'binary.platform_binaries.amiga',
    words: 'is no platform',
  },
])('$field $json', ({ json, field, words }) => {
  const reading = parse({ ...sampleManifest(), ...json });
  if (reading.type === 'valid') throw new Error('It was taken.');
  expect(reading.faults.map((fault) => fault.field)).toEqual([field]);
  expect(reading.faults[0]?.message).toContain(words);
});

test('all faults are told at once', () => {
  const reading = parse({ ...sampleManifest(), name: 'X', version: '1', network: ['*'] });
  expect(reading.type === 'invalid' && reading.faults.map(({ field }) => field)).toEqual(['name', 'version']);
});

test('a field nobody knows is a warning', () => {
  expect(parse({ ...sampleManifest(), netwrok: [] })).toMatchObject({
    type: 'valid',
    warnings: [{ field: 'netwrok' }],
  });
});

describe('hosts', () => {
  test.each([
    { pattern: 'api.example.com', url: 'https://api.example.com/x', matches: true },
    { pattern: 'api.example.com', url: 'https://API.example.com./x', matches: true },
    { pattern: 'api.example.com', url: 'https://api.example.com:8443/', matches: false },
    { pattern: 'api.example.com', url: 'http://api.example.com/', matches: false },
    { pattern: 'api.example.com', url: 'https://xapi.example.com/', matches: false },
    { pattern: 'api.example.com', url: 'https://api.example.com.evil.org/', matches: false },
    { pattern: '*.example.com', url: 'https://a.b.example.com/', matches: true },
    { pattern: '*.example.com', url: 'https://example.com/', matches: false },
    { pattern: '*.example.com', url: 'https://evilexample.com/', matches: false },
    { pattern: 'oidc.*.example.com', url: 'https://oidc.eu-1.example.com/', matches: true },
    { pattern: 'oidc.*.example.com', url: 'https://oidc.a.b.example.com/', matches: false },
    { pattern: 'api.example.com:8443', url: 'https://api.example.com:8443/', matches: true },
  ])('$pattern $url', ({ pattern, url, matches }) => {
    const parsed = parseHostPattern(pattern);
    if (typeof parsed === 'string') throw new Error(parsed);
    expect(matchesHostPattern(parsed, new URL(url))).toBe(matches);
  });
});

test('files of this machine', () => {
  const folders = { home: '/people/ann', xdgData: '/people/ann/data' };
  expect(expandFilePath('~/.aws/sso/cache/*.json', folders)).toBe('/people/ann/.aws/sso/cache/*.json');
  expect(expandFilePath('$XDG_DATA_HOME/tool/db.sqlite3', folders)).toBe('/people/ann/data/tool/db.sqlite3');
  expect(expandFilePath('$XDG_CONFIG_HOME/tool/a', { home: '/people/ann' })).toBe('/people/ann/.config/tool/a');
  expect(expandFilePath('%APPDATA%/tool/a', folders)).toBeUndefined();
  expect(findFilePatternFault('~/a\nb')).toBe('must be a plain path');
});

test.each([
  ['1.0.0', '1.0.1'],
  ['1.9.0', '1.10.0'],
  ['1.0.0-beta', '1.0.0'],
  ['1.0.0-alpha.1', '1.0.0-alpha.beta'],
  ['1.0.0-rc.2', '1.0.0-rc.10'],
])('%s is older than %s', (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0);
  expect(compareVersions(newer, older)).toBeGreaterThan(0);
  expect(compareVersions(older, `${older}+build`)).toBe(0);
});
