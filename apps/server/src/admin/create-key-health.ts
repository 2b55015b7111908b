import type { AdminApiPorts } from '@proxycast/admin-api';
import type { CredentialPool } from '@proxycast/credentials';
import { unreachable } from '@proxycast/spec';

/** What the pool knows of keys, for people. */
export function createKeyHealth(
  pool: Pick<CredentialPool, 'stateOf' | 'restingModels' | 'reset'>,
): AdminApiPorts['keyHealth'] {
  return {
    of(id) {
      const state = pool.stateOf(id);
      const restingModels = pool.restingModels(id);
      switch (state.type) {
        case 'active':
          return { state: { type: 'active' }, restingModels };
        case 'cooldown':
          return { state: { type: 'cooldown', until: state.until, cause: state.cause }, restingModels };
        case 'unhealthy':
          return { state: { type: 'unhealthy', until: state.nextProbeAt, cause: state.cause }, restingModels };
        // Said by plugins, of their own credentials alone.
        case 'disabled':
        case 'needs_login':
        case 'suspended':
          return { state: { type: 'unhealthy', cause: state.type }, restingModels };
        default:
          return unreachable(state);
      }
    },
    reset: (id) => pool.reset(id),
  };
}
