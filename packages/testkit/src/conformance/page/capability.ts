import type { ConformanceDialect } from '../conformance-dialect.ts';
import type { Outcome } from './outcome.ts';

/** One row of the page: something people count on, tried between a client's dialect and a service's. */
export interface Capability {
  readonly title: string;
  readonly look: (client: ConformanceDialect, upstream: ConformanceDialect) => Outcome;
}

export interface CapabilityGroup {
  readonly title: string;
  readonly capabilities: readonly Capability[];
}
