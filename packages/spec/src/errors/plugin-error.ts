import { type ErrorKind, ProxyCastError } from './proxycast-error.ts';

export const PLUGIN_ERROR_CODES = [
  /** It is not running: stopped, disabled, or resting after a crash. */
  'plugin_not_running',
  'plugin_crashed',
  /** No answer in time. */
  'plugin_timeout',
  /** Frames or messages that the contract does not allow. */
  'plugin_protocol',
  /** It answered with an error. */
  'plugin_failed',
  'plugin_cancelled',
  /** A file is not the one that was installed. */
  'plugin_changed',
  'plugin_cannot_start',
  /** An executable that only an outer boundary, or a person's trust, lets start. */
  'plugin_not_trusted',
  'plugin_contract',
  'plugin_manifest_invalid',
] as const;
export type PluginErrorCode = (typeof PLUGIN_ERROR_CODES)[number];

/** A plugin did not do its part. */
export class PluginError extends ProxyCastError {
  readonly plugin: string;
  /** What the plugin itself called its failure; only of `plugin_failed`. */
  readonly pluginCode?: string;

  constructor(details: {
    readonly plugin: string;
    readonly code: PluginErrorCode;
    readonly message: string;
    readonly kind?: ErrorKind;
    readonly pluginCode?: string;
    readonly retryAfterMs?: number;
    readonly cause?: unknown;
  }) {
    const {
      plugin,
      pluginCode,
      kind = details.code === 'plugin_timeout' ? 'timeout' : 'unavailable',
      ...rest
    } = details;
    super({ ...rest, kind, fault: 'plugin' });
    this.plugin = plugin;
    if (pluginCode !== undefined) this.pluginCode = pluginCode;
  }
}
