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
  createCalls: (input) =>
    createSharedHostCalls({ ...input, base: input.base.replace(/(\/v\d+)?\/ai$/, '') }, { servesGemini: false }),
};
