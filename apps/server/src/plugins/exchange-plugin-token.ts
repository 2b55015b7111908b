import type { EndedStatus, ExchangeResult, RefreshReason, StoredCredential } from '@proxycast/credentials';
import type { PluginUnit, renderPluginSecret } from '@proxycast/plugin-host';
import { PluginError, Secret, unreachable } from '@proxycast/spec';
import type { CredentialCondition, CredentialRefreshResult, PluginCredential } from '@proxycast/spec/plugin';

/** Whatever the plugin's own limit is: a shorter one would lose logins, a longer one outlive the lease. */
const DEADLINE_MS = 60_000;
/** The plugin was not asked, or did not come to ask its service. */
const NOT_ASKED: readonly string[] = [
  'plugin_not_running',
  'plugin_cannot_start',
  'plugin_changed',
  'plugin_not_trusted',
  'plugin_contract',
  'plugin_manifest_invalid',
];
/** Failures of `http.request` before anything was sent, and of a plugin that has no such method. */
const NOT_SENT: readonly string[] = ['unreachable', 'host_unknown', 'not_granted', 'no_such_method'];

/**
 * Has the plugin renew its credential, once. Rejects with a PluginError where nobody knows whether the service took the
 * token: after a crash, a time-out, a connection that ended half-way.
 */
export async function exchangePluginToken(
  unit: Pick<PluginUnit, 'supervisor'> | undefined,
  { record, data }: StoredCredential,
  reason: RefreshReason,
  render: typeof renderPluginSecret,
): Promise<ExchangeResult> {
  if (unit === undefined) return { type: 'failed', message: `The plugin ${record.pluginId} does not run. Enable it.` };
  const { state } = unit.supervisor;
  if (state.type === 'running' && !state.capabilities.methods.includes('credential.refresh')) {
    return { type: 'failed', message: `The plugin ${record.pluginId} cannot renew its logins.` };
  }
  const stored: Omit<PluginCredential, 'id'> = JSON.parse(data.reveal());
  const credential: PluginCredential = { id: record.id, ...stored };
  try {
    const params = { credential, reason };
    const { result } = await unit.supervisor.call('credential.refresh', params, { deadlineMs: DEADLINE_MS });
    return readResult(result, stored.auth_type, render);
  } catch (cause) {
    if (!(cause instanceof PluginError) || !isUnspent(cause)) throw cause;
    return {
      type: 'failed',
      message: cause.message,
      ...(cause.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs }),
    };
  }
}

const isUnspent = ({ code, pluginCode }: PluginError): boolean =>
  NOT_ASKED.includes(code) || (code === 'plugin_failed' && pluginCode !== undefined && NOT_SENT.includes(pluginCode));

function readResult(
  result: CredentialRefreshResult,
  authType: string,
  render: typeof renderPluginSecret,
): ExchangeResult {
  if (result.type === 'failed') {
    const status = result.condition === undefined ? undefined : endedBy(result.condition);
    if (status !== undefined) return { type: 'refused', status };
    const { message, retry_after_ms: retryAfterMs } = result;
    return { type: 'failed', message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  const { data, expires_at: expiresAt, identity } = result;
  const ended = expiresAt === undefined ? {} : { expires_at: expiresAt };
  return {
    type: 'renewed',
    data: new Secret(render({ auth_type: authType, data, ...ended })),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(identity === undefined ? {} : { identity }),
  };
}

/** `undefined` for what a later attempt may mend. */
export function endedBy(condition: CredentialCondition): EndedStatus | undefined {
  switch (condition.type) {
    case 'active':
    case 'refresh':
      return undefined;
    case 'needs_login':
    case 'disabled':
    case 'suspended':
      return condition;
    default:
      return unreachable(condition);
  }
}
