import type { ModelTier, PluginConfig, PluginManifest } from '@proxycast/spec/plugin';
import { matchGlob, specificityOf } from './match-glob.ts';

/** What is known of an installed plugin, running or not. */
export interface RegisteredPlugin {
  readonly manifest: PluginManifest;
  /** Absolute path of its folder. */
  readonly folder: string;
  readonly config: PluginConfig;
  readonly enabled: boolean;
}

/** A plugin that serves a model, and how. */
export interface ModelMatch {
  readonly plugin: RegisteredPlugin;
  readonly providerId: string;
  /** The dialect that requests for this model are turned into. */
  readonly protocol: string;
  /** The pattern of `supported_models` that matched. */
  readonly pattern: string;
  readonly family?: string;
  readonly tier?: ModelTier;
}

/** The plugins there are, by name. Says nothing of processes. */
export interface PluginRegistry {
  /** Takes the place of one of the same name. Throws when the provider's id belongs to another plugin. */
  register(plugin: RegisteredPlugin): void;
  /** Whether there was one. */
  unregister(name: string): boolean;
  /** By its name, or by its provider's id. */
  get(nameOrProviderId: string): RegisteredPlugin | undefined;
  /** By name. */
  list(filter?: { readonly enabled?: boolean }): readonly RegisteredPlugin[];
  /** Enabled ones that serve the model; the one that says most about it first. */
  findByModel(model: string): readonly ModelMatch[];
  /** Enabled ones with models of the family, and of the tier where one is asked for: pattern of model names. */
  findByFamily(
    family: string,
    tier?: ModelTier,
  ): readonly { readonly plugin: RegisteredPlugin; readonly pattern: string }[];
  setEnabled(name: string, enabled: boolean): RegisteredPlugin | undefined;
}

export class PluginConflictError extends Error {
  constructor(providerId: string, owner: string) {
    super(`The provider ${providerId} belongs to the plugin ${owner} already. Remove one of the two.`);
    this.name = 'PluginConflictError';
  }
}

export function createPluginRegistry(): PluginRegistry {
  const plugins = new Map<string, RegisteredPlugin>();
  const registry: PluginRegistry = {
    register(plugin) {
      const { name, provider } = plugin.manifest;
      const owner = provider === undefined ? undefined : registry.get(provider.id);
      if (owner !== undefined && owner.manifest.name !== name) {
        throw new PluginConflictError(provider?.id ?? '', owner.manifest.name);
      }
      plugins.set(name, plugin);
    },
    unregister: (name) => plugins.delete(name),
    get: (name) => plugins.get(name) ?? [...plugins.values()].find(({ manifest }) => manifest.provider?.id === name),
    list: ({ enabled } = {}) =>
      [...plugins.values()]
        .filter((plugin) => enabled === undefined || plugin.enabled === enabled)
        .sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1)),
    findByModel: (model) =>
      registry
        .list({ enabled: true })
        .flatMap((plugin) => matchModel(plugin, model) ?? [])
        .sort((a, b) => specificityOf(b.pattern) - specificityOf(a.pattern)),
    findByFamily: (family, tier) =>
      registry
        .list({ enabled: true })
        .flatMap((plugin) =>
          (plugin.manifest.provider?.model_families ?? [])
            .filter((one) => one.name === family && (tier === undefined || one.tier === tier))
            .map(({ pattern }) => ({ plugin, pattern })),
        ),
    setEnabled(name, enabled) {
      const plugin = plugins.get(name);
      if (plugin === undefined) return undefined;
      const changed = { ...plugin, enabled };
      plugins.set(name, changed);
      return changed;
    },
  };
  return registry;
}

function matchModel(plugin: RegisteredPlugin, model: string): ModelMatch | undefined {
  const { provider } = plugin.manifest;
  const pattern = provider === undefined ? undefined : mostSpecific(provider.supported_models, model);
  if (provider === undefined || pattern === undefined) return undefined;
  const protocol = protocolFor(plugin.manifest, model);
  if (protocol === undefined) return undefined;
  const families = provider.model_families ?? [];
  const best = mostSpecific(
    families.map((family) => family.pattern),
    model,
  );
  const family = families.find((one) => one.pattern === best);
  return {
    plugin,
    providerId: provider.id,
    protocol,
    pattern,
    ...(family === undefined ? {} : { family: family.name }),
    ...(family?.tier === undefined ? {} : { tier: family.tier }),
  };
}

/** The dialect for a model: the first rule that matches it, else the one for all. */
export function protocolFor({ provider }: PluginManifest, model: string): string | undefined {
  const rule = provider?.target_protocol_rules?.find(({ models }) => models.some((one) => matchGlob(one, model)));
  return rule?.protocol ?? provider?.target_protocol;
}

function mostSpecific(patterns: readonly string[], model: string): string | undefined {
  let best: string | undefined;
  for (const pattern of patterns) {
    if (matchGlob(pattern, model) && (best === undefined || specificityOf(pattern) > specificityOf(best)))
      best = pattern;
  }
  return best;
}
