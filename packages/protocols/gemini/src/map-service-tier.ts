import type { ChatRequest } from '@proxycast/spec';

type ServiceTier = NonNullable<ChatRequest['serviceTier']>;

/** The dialect's → ours; `undefined` for one nobody else has. */
export function mapServiceTier(tier: unknown): ServiceTier | undefined {
  switch (tier) {
    case 'standard':
      return 'default';
    case 'flex':
    case 'priority':
      return tier;
    default:
      return undefined;
  }
}
