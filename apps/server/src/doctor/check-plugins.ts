import type { BoundaryAnswer, PluginAnswer, PluginCredentialAnswer } from '@proxycast/console-api';
import { type DoctorCheck, fault, ok, warning } from './doctor-check.ts';

export interface ExaminedPlugins {
  readonly plugins: readonly Pick<PluginAnswer, 'name' | 'enabled' | 'state' | 'provider'>[];
  readonly credentials: readonly Pick<PluginCredentialAnswer, 'id' | 'plugin' | 'state'>[];
  /** `open` is empty where nobody tried. */
  readonly boundary: Pick<BoundaryAnswer, 'outer' | 'open'>;
}

/** Plugins that should run and do not, what nothing holds them back from, and logins that wait for a person. */
export function checkPlugins({ plugins, credentials, boundary }: ExaminedPlugins): readonly DoctorCheck[] {
  const wrong = plugins.flatMap(checkState);
  const enabled = plugins.filter((plugin) => plugin.enabled);
  return [
    ...(wrong.length === 0 ? [ok('plugin', 'plugin_ok', { count: enabled.length })] : wrong),
    ...checkBoundary(boundary),
    ...enabled.flatMap((plugin) =>
      checkCredentials(
        plugin,
        credentials.filter((credential) => credential.plugin === plugin.name),
      ),
    ),
  ];
}

function checkState({ name, state }: ExaminedPlugins['plugins'][number]): readonly DoctorCheck[] {
  const fields = { name, reason: state.reason ?? '' };
  switch (state.type) {
    case 'failed':
    case 'faulty':
      return [fault('plugin', 'plugin_not_running', fields)];
    case 'resting':
      return [warning('plugin', 'plugin_resting', fields)];
    case 'not_installed':
      return [warning('plugin', 'plugin_not_installed', { name })];
    default:
      // Running, on its way to it, or as a person wants it.
      return [];
  }
}

function checkBoundary({ outer, open }: ExaminedPlugins['boundary']): readonly DoctorCheck[] {
  return [
    ...(outer.type === 'none' ? [warning('plugin_boundary', 'boundary_missing', { why: outer.why ?? '' })] : []),
    ...(open.length === 0 ? [] : [warning('plugin_boundary', 'boundary_open', { open: open.join(', ') })]),
  ];
}

function checkCredentials(
  { name, provider }: ExaminedPlugins['plugins'][number],
  credentials: ExaminedPlugins['credentials'],
): readonly DoctorCheck[] {
  const checks = credentials.flatMap(({ id, state: { type, reason } }): readonly DoctorCheck[] => {
    const fields = { plugin: name, id, reason: reason ?? '' };
    if (type === 'needs_login') return [warning('credential', 'credential_needs_login', fields)];
    return type === 'suspended' ? [warning('credential', 'credential_suspended', fields)] : [];
  });
  if (provider === null || checks.length > 0) return checks;
  const hasOne = credentials.some(({ state }) => state.type !== 'disabled');
  return hasOne ? [] : [warning('credential', 'plugin_without_credential', { name })];
}
