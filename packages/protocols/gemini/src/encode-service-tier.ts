import type { ChatRequest, ReportChange } from '@proxycast/spec';

/** Ours → the dialect's; the ordinary tier is what is given to those who name none. */
export function encodeServiceTier(tier: ChatRequest['serviceTier'], isOwn: boolean, report: ReportChange) {
  if (tier === undefined || tier === 'auto') return {};
  if (tier === 'default') return isOwn ? { serviceTier: 'standard' } : {};
  // Not every endpoint of the dialect has tiers, and one that has not refuses the field.
  if (isOwn) return { serviceTier: tier };
  report('service_tier', 'dropped');
  return {};
}
