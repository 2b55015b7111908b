import { KEPT_STATUSES, type KeptStatus } from '@proxycast/spec';

/** What a service calls otherwise is an answer that is there. */
export const keptStatusOf = (status: unknown): KeptStatus =>
  KEPT_STATUSES.find((known) => known === status) ?? 'completed';
