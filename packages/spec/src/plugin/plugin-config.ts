import { flag, integer, jsonObject, object, optional, type ValueOf } from './schema/json-schema.ts';

/** `config.json`: the defaults at install. Afterwards the host's database owns them. */
export const pluginConfigSchema = object({
  enabled: optional(flag()),
  /** Of one call that may go to the network, in milliseconds. */
  timeout_ms: optional(integer({ minimum: 1000, maximum: 600_000 })),
  settings: optional(jsonObject()),
});
export type PluginConfig = ValueOf<typeof pluginConfigSchema>;
