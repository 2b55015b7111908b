import { PLUGIN_CONTRACT_VERSION } from './contract-version.ts';
import {
  rpcFailureSchema,
  rpcNotificationSchema,
  rpcRequestSchema,
  rpcSuccessSchema,
  TRANSPORT_NOTIFICATIONS,
} from './frame-header.ts';
import { HOST_METHODS } from './methods/host-methods.ts';
import type { MethodTable } from './methods/method.ts';
import { PLUGIN_METHODS } from './methods/plugin-methods.ts';
import { pluginConfigSchema } from './plugin-config.ts';
import { pluginEventSchema } from './plugin-event.ts';
import { pluginManifestSchema } from './plugin-manifest.ts';
import type { JsonSchema } from './schema/json-schema.ts';

/** One schema of the contract, and who writes the values it is for. */
export interface ContractSchema {
  readonly writtenBy: 'plugin' | 'host' | 'both';
  readonly schema: JsonSchema;
}

export interface PluginContract {
  readonly version: number;
  readonly schemas: Readonly<Record<string, ContractSchema>>;
}

/** All schemas of the contract by name, as JSON: for authors in other languages, and to compare with released ones. */
export function renderContract(): PluginContract {
  return {
    version: PLUGIN_CONTRACT_VERSION,
    schemas: {
      'plugin.json': { writtenBy: 'plugin', schema: pluginManifestSchema },
      'config.json': { writtenBy: 'plugin', schema: pluginConfigSchema },
      event: { writtenBy: 'plugin', schema: pluginEventSchema },
      'frame.request': { writtenBy: 'both', schema: rpcRequestSchema },
      'frame.notification': { writtenBy: 'both', schema: rpcNotificationSchema },
      'frame.success': { writtenBy: 'both', schema: rpcSuccessSchema },
      'frame.failure': { writtenBy: 'both', schema: rpcFailureSchema },
      ...Object.fromEntries(
        Object.entries(TRANSPORT_NOTIFICATIONS).map(([name, schema]) => [name, { writtenBy: 'both' as const, schema }]),
      ),
      ...schemasOf(PLUGIN_METHODS, { params: 'host', result: 'plugin' }),
      ...schemasOf(HOST_METHODS, { params: 'plugin', result: 'host' }),
    },
  };
}

function schemasOf(
  methods: MethodTable,
  writers: { readonly params: 'host' | 'plugin'; readonly result: 'host' | 'plugin' },
): Record<string, ContractSchema> {
  const schemas: Record<string, ContractSchema> = {};
  for (const [name, method] of Object.entries(methods)) {
    schemas[`${name} params`] = { writtenBy: writers.params, schema: method.params };
    if (method.type === 'call') schemas[`${name} result`] = { writtenBy: writers.result, schema: method.result };
  }
  return schemas;
}
