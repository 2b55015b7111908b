import { addressOf } from '../endpoint-address.ts';
import type { ProviderType } from '../provider-type.ts';
import { createSharedHostCalls } from './shared-host.ts';

/**
 * Vercel's AI Gateway. Stored hosts end with the base of its SDK's own protocol (`/v1/ai`, `/v4/ai`), which moves with the
 * SDK; the public dialects stand at the origin.
 */
export const gatewayType: ProviderType = {
  type: 'gateway',
  host: { version: '' },
  extraFields: [],
  createCalls(input) {
    const base = input.base.replace(/(\/v\d+)?\/ai$/, '');
    const auth = input.auth ?? ((secret: string) => ['authorization', `Bearer ${secret}`]);
    return {
      ...createSharedHostCalls({ ...input, base }, { servesGemini: false }),
      // Its list of models is public.
      keyChecks: [{ method: 'GET', call: (secret) => ({ ...addressOf(base, '/v1/credits'), headers: auth(secret) }) }],
    };
  },
};
