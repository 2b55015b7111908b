import type { AttemptFact, TokenUsage } from '@proxycast/spec';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { HotHistogram } from './hot-histogram.ts';

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

type TokenSums = Record<'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning', number>;

const TOKEN_KINDS = [
  ['input', 'input'],
  ['output', 'output'],
  ['cacheRead', 'cache_read'],
  ['cacheWrite', 'cache_write'],
  ['reasoning', 'reasoning'],
] as const satisfies readonly (readonly [keyof TokenSums, string])[];

type AttemptLabels = Readonly<Record<'provider' | 'protocol' | 'operation' | 'outcome' | 'fault', string>>;

interface AttemptCount {
  readonly labels: AttemptLabels;
  count: number;
}

/**
 * Prometheus metrics. Labels are bounded sets: providers and dialects are configured, operations and outcomes closed;
 * model names come from clients and are no label. Attempts are summed here and given to the library when someone
 * scrapes: its own bookkeeping per value would be a tenth of a small request.
 */
export function createMetrics({ inFlight, ledger, version }: MetricsParts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const attempts = new Map<string, AttemptCount>();
  let last: AttemptCount | undefined;
  const tokens = new Map<string, TokenSums>();

  // The library's 10 ms would wake an idle process a hundred times a second.
  collectDefaultMetrics({ register: registry, prefix: 'proxycast_', eventLoopMonitoringPrecision: 200 });
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
  new Counter({
    name: 'proxycast_attempts_total',
    help: 'Attempts at upstreams.',
    labelNames: ['provider', 'protocol', 'operation', 'outcome', 'fault'],
    registers,
    collect() {
      this.reset();
      for (const { labels, count } of attempts.values()) this.inc(labels, count);
    },
  });
  new Counter({
    name: 'proxycast_tokens_total',
    help: 'Tokens as upstreams reported them.',
    labelNames: ['provider', 'kind'],
    registers,
    collect() {
      this.reset();
      for (const [provider, sums] of tokens) {
        for (const [field, kind] of TOKEN_KINDS) if (sums[field] > 0) this.inc({ provider, kind }, sums[field]);
      }
    },
  });
  const duration = new HotHistogram({
    name: 'proxycast_attempt_duration_seconds',
    help: 'From the start of an attempt to its end.',
    label: 'provider',
    buckets: SECONDS,
  });
  const firstByte = new HotHistogram({
    name: 'proxycast_first_byte_seconds',
    help: 'From the start of an attempt to the first byte of its answer.',
    label: 'provider',
    buckets: SECONDS,
  });
  const overhead = new HotHistogram({
    name: 'proxycast_overhead_milliseconds',
    help: 'Time spent inside ProxyCast before the first byte left.',
    label: 'provider',
    buckets: OVERHEAD_MS,
  });

  const countAttempt = (fact: AttemptFact): void => {
    const { providerId, protocol, operation, outcome } = fact;
    const fault = fact.fault ?? 'none';
    // Most attempts are like the one before, and then no key has to be made and looked up.
    if (last !== undefined && isOf(last.labels, fact, fault)) {
      last.count++;
      return;
    }
    const key = `${providerId} ${protocol} ${operation} ${outcome} ${fault}`;
    const known = attempts.get(key);
    last = known ?? { labels: { provider: providerId, protocol, operation, outcome, fault }, count: 0 };
    last.count++;
    if (known === undefined) attempts.set(key, last);
  };

  const tokensOf = (provider: string): TokenSums => {
    let sums = tokens.get(provider);
    if (sums === undefined) {
      sums = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
      tokens.set(provider, sums);
    }
    return sums;
  };

  const countTokens = (provider: string, usage: TokenUsage): void => {
    const sums = tokensOf(provider);
    sums.input += positive(usage.input);
    sums.output += positive(usage.output);
    sums.cacheRead += positive(usage.cacheRead);
    sums.cacheWrite += positive(usage.cacheWrite);
    sums.reasoning += positive(usage.reasoning);
  };

  return {
    record(fact) {
      const provider = fact.providerId;
      countAttempt(fact);
      duration.observe(provider, fact.durationMs / 1000);
      if (fact.firstByteMs !== undefined) firstByte.observe(provider, fact.firstByteMs / 1000);
      if (fact.overheadMs !== undefined) overhead.observe(provider, fact.overheadMs);
      if (fact.usage !== undefined) countTokens(provider, fact.usage);
    },
    contentType: registry.contentType,
    async render() {
      return [await registry.metrics(), duration.render(), firstByte.render(), overhead.render()].join('\n');
    },
  };
}

function isOf(labels: AttemptLabels, fact: AttemptFact, fault: string): boolean {
  return (
    labels.provider === fact.providerId &&
    labels.protocol === fact.protocol &&
    labels.operation === fact.operation &&
    labels.outcome === fact.outcome &&
    labels.fault === fault
  );
}

/** Absent, NaN and below zero add nothing: a counter never falls. */
function positive(count: number | undefined): number {
  return count !== undefined && count > 0 ? count : 0;
}
