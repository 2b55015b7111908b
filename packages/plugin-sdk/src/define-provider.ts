import type { HookCapability, PluginDefinition, ProviderDefinition } from './provider-definition.ts';
import { serveOnStdio } from './serve/serve-on-stdio.ts';

/** Set by the host, and by nobody else: then the module is the plugin's process and not part of a test. */
const STARTED_BY_HOST = 'PROXYCAST_PLUGIN';

/**
 * A plugin's whole backend; the entry's default export. Started by the host, it begins to speak with it as soon as the
 * module has run.
 */
export function defineProvider(definition: ProviderDefinition): ProviderDefinition {
  serveWhenStarted(definition);
  return definition;
}

/** A plugin of type `hook`: it reads and changes requests and answers on their way. */
export function defineHook(hook: HookCapability, more: Omit<PluginDefinition, 'hook'> = {}): PluginDefinition {
  const definition: PluginDefinition = { ...more, hook };
  serveWhenStarted(definition);
  return definition;
}

function serveWhenStarted(definition: PluginDefinition | ProviderDefinition): void {
  // A turn later, so that the rest of the module has run.
  if (process.env[STARTED_BY_HOST] !== undefined) setImmediate(() => serveOnStdio(definition));
}
