import type { AttemptFact } from '@proxycast/spec';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  record(fact: AttemptFact): void;
  readonly contentType: string;
  render(): Promise<string>;
}

export interface MetricsParts {
  readonly inFlight: () => number;
  readonly ledger: () => { readonly waiting: number; readonly lost: number };
  readonly version: string;
}

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const OVERHEAD_MS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100];

/**
 * Prometheus metrics. Labels are bounded sets: providers and dialects are configured, operations and outcomes closed;
 * model names come from clients and are no label.
 */
export function createMetrics({ inFlight, ledger, version }: MetricsParts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'proxycast_' });
  new Gauge({ name: 'proxycast_info', help: 'Version of ProxyCast.', labelNames: ['version'], registers }).set(
    { version },
    1,
  );
  new Gauge({
    name: 'proxycast_requests_in_flight',
    help: 'Client requests under way.',
    registers,
    collect() {
      this.set(inFlight());
    },
  });
  new Gauge({
    name: 'proxycast_ledger_waiting',
    help: 'Ledger entries not yet written.',
    registers,
    collect() {
      this.set(ledger().waiting);
    },
  });
  new Gauge({
    name: 'proxycast_ledger_lost',
    help: 'Ledger entries lost because the queue was full.',
    registers,
    collect() {
      this.set(ledger().lost);
    },
  });
  const attempts = new Counter({
    name: 'proxycast_attempts_total',
    help: 'Attempts at upstreams.',
    labelNames: ['provider', 'protocol', 'operation', 'outcome', 'fault'],
    registers,
  });
  const tokens = new Counter({
    name: 'proxycast_tokens_total',
    help: 'Tokens as upstreams reported them.',
    labelNames: ['provider', 'kind'],
    registers,
  });
  const duration = new Histogram({
    name: 'proxycast_attempt_duration_seconds',
    help: 'From the start of an attempt to its end.',
    labelNames: ['provider'],
    buckets: SECONDS,
    registers,
  });
  const firstByte = new Histogram({
    name: 'proxycast_first_byte_seconds',
    help: 'From the start of an attempt to the first byte of its answer.',
    labelNames: ['provider'],
    buckets: SECONDS,
    registers,
  });
  const overhead = new Histogram({
    name: 'proxycast_overhead_milliseconds',
    help: 'Time spent inside ProxyCast before the first byte left.',
    buckets: OVERHEAD_MS,
    registers,
  });

  return {
    record(fact) {
      const provider = fact.providerId;
      attempts.inc(
        {
          provider,
          protocol: fact.protocol,
          operation: fact.operation,
          outcome: fact.outcome,
          fault: fact.fault ?? 'none',
        },
        1,
      );
      duration.observe({ provider }, fact.durationMs / 1000);
      if (fact.firstByteMs !== undefined) firstByte.observe({ provider }, fact.firstByteMs / 1000);
      if (fact.overheadMs !== undefined) overhead.observe(fact.overheadMs);
      if (fact.usage === undefined) return;
      const { input, output, cacheRead, cacheWrite, reasoning } = fact.usage;
      if (input) tokens.inc({ provider, kind: 'input' }, input);
      if (output) tokens.inc({ provider, kind: 'output' }, output);
      if (cacheRead) tokens.inc({ provider, kind: 'cache_read' }, cacheRead);
      if (cacheWrite) tokens.inc({ provider, kind: 'cache_write' }, cacheWrite);
      if (reasoning) tokens.inc({ provider, kind: 'reasoning' }, reasoning);
    },
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
}
