import type { ProviderType } from '../provider-type.ts';
import { createSharedHostCalls } from './shared-host.ts';

/** new-api and its kin: one host that serves every dialect, each on its own path, with one key. */
export const newApiType: ProviderType = {
  type: 'new-api',
  host: { version: '' },
  extraFields: [],
  createCalls: (input) => createSharedHostCalls(input, { servesGemini: true }),
};
