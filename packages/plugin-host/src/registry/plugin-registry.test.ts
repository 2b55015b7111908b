import type { PluginProviderManifest } from '@proxycast/spec/plugin';
import { expect, test } from 'vitest';
import { parsePluginManifest } from '../manifest/parse-plugin-manifest.ts';
import { sampleManifest } from '../testing/sample-manifest.ts';
import { createPluginRegistry, PluginConflictError, type RegisteredPlugin } from './plugin-registry.ts';

function plugin(name: string, provider: Partial<PluginProviderManifest>, enabled = true): RegisteredPlugin {
  const whole = { ...(sampleManifest()['provider'] as object), id: name.replace('-provider', ''), ...provider };
  const reading = parsePluginManifest(JSON.stringify(sampleManifest({ name, provider: whole })), {
    hostVersion: '1.0.0',
    platform: undefined,
  });
  if (reading.type === 'invalid') throw new Error(JSON.stringify(reading.faults));
  return { manifest: reading.manifest, folder: `/plugins/${name}`, config: {}, enabled };
}

const claude = plugin('claude-provider', {
  supported_models: ['claude-*', 'gemini-claude-*'],
  target_protocol: 'gemini',
  target_protocol_rules: [{ models: ['claude-*'], protocol: 'anthropic' }],
  model_families: [
    { name: 'claude', pattern: 'claude-*', tier: 'pro' },
    { name: 'claude', pattern: 'claude-haiku-*', tier: 'mini' },
    { name: 'claude', pattern: 'claude-opus-*', tier: 'max' },
  ],
});
const opus = plugin('opus-provider', {
  supported_models: ['claude-opus-*', 'claude-opus-9'],
  target_protocol: 'openai',
});
const off = plugin('off-provider', { supported_models: ['*'] }, false);

function filled() {
  const registry = createPluginRegistry();
  for (const one of [off, opus, claude]) registry.register(one);
  return registry;
}

test('get, list, enable', () => {
  const registry = filled();
  expect(registry.get('claude')).toBe(claude);
  expect(registry.get('claude-provider')).toBe(claude);
  expect(registry.get('nobody')).toBeUndefined();
  expect(registry.list().map(({ manifest }) => manifest.name)).toEqual([
    'claude-provider',
    'off-provider',
    'opus-provider',
  ]);
  expect(registry.list({ enabled: false })).toEqual([off]);
  registry.setEnabled('off-provider', true);
  expect(registry.findByModel('anything')).toHaveLength(1);
  expect(registry.unregister('off-provider')).toBe(true);
  expect(registry.unregister('off-provider')).toBe(false);
  expect(registry.setEnabled('off-provider', true)).toBeUndefined();
});

test.each([
  { model: 'claude-opus-4', found: ['opus openai', 'claude anthropic claude max'] },
  { model: 'claude-opus-9', found: ['opus openai', 'claude anthropic claude max'] },
  { model: 'claude-haiku-4', found: ['claude anthropic claude mini'] },
  { model: 'claude-sonnet-4', found: ['claude anthropic claude pro'] },
  { model: 'gemini-claude-1', found: ['claude gemini'] },
  { model: 'gpt-5', found: [] },
])('$model: what says most about it first', ({ model, found }) => {
  const matches = filled().findByModel(model);
  expect(
    matches.map(({ providerId, protocol, family, tier }) =>
      [providerId, protocol, family, tier].filter(Boolean).join(' '),
    ),
  ).toEqual(found);
});

test('families by tier', () => {
  const registry = filled();
  expect(registry.findByFamily('claude', 'mini')).toEqual([{ plugin: claude, pattern: 'claude-haiku-*' }]);
  expect(registry.findByFamily('claude')).toHaveLength(3);
  expect(registry.findByFamily('gpt')).toEqual([]);
});

test('a provider’s id belongs to one plugin; the same plugin may come again', () => {
  const registry = filled();
  expect(() => registry.register(plugin('thief-provider', { id: 'claude' }))).toThrow(PluginConflictError);
  expect(() => registry.register(claude)).not.toThrow();
});
