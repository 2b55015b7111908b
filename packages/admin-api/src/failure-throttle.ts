import type { EpochMs } from '@proxycast/spec';

/** More addresses than this are forgotten, the one whose last failure is oldest first; the overall limit holds on. */
const MAX_ADDRESSES = 1000;

export interface ThrottleLimit {
  /** Failures that may follow each other at once. */
  readonly burst: number;
  /** One more is allowed after each of these. */
  readonly refillMs: number;
}

/** Limits failed proofs of identity, per remote address and in all. */
export interface FailureThrottle {
  /** How long to wait before the next try; 0: now. Ask before looking at the token, so that waiting cannot be skipped. */
  waitMs(address: string): number;
  countFailure(address: string): void;
  countSuccess(address: string): void;
}

export interface FailureThrottleParts {
  readonly perAddress: ThrottleLimit;
  readonly overall: ThrottleLimit;
  now(): EpochMs;
}

interface Bucket {
  /** Failures not yet forgiven; falls by one every `refillMs`. */
  level: number;
  updatedAt: EpochMs;
}

export function createFailureThrottle({ perAddress, overall, now }: FailureThrottleParts): FailureThrottle {
  const buckets = new Map<string, Bucket>();
  const overallBucket: Bucket = { level: 0, updatedAt: 0 };

  function levelOf(bucket: Bucket, limit: ThrottleLimit): number {
    return Math.max(0, bucket.level - (now() - bucket.updatedAt) / limit.refillMs);
  }
  function waitOf(bucket: Bucket, limit: ThrottleLimit): number {
    return Math.max(0, Math.ceil((levelOf(bucket, limit) - (limit.burst - 1)) * limit.refillMs));
  }
  function raise(bucket: Bucket, limit: ThrottleLimit): void {
    bucket.level = levelOf(bucket, limit) + 1;
    bucket.updatedAt = now();
  }

  return {
    waitMs(address) {
      const bucket = buckets.get(networkOf(address));
      return Math.max(bucket === undefined ? 0 : waitOf(bucket, perAddress), waitOf(overallBucket, overall));
    },
    countFailure(address) {
      const network = networkOf(address);
      const bucket = buckets.get(network) ?? { level: 0, updatedAt: now() };
      raise(bucket, perAddress);
      raise(overallBucket, overall);
      buckets.delete(network);
      buckets.set(network, bucket);
      if (buckets.size > MAX_ADDRESSES) {
        for (const oldest of buckets.keys()) {
          buckets.delete(oldest);
          break;
        }
      }
    },
    countSuccess(address) {
      buckets.delete(networkOf(address));
    },
  };
}

/** One household or machine usually has a whole IPv6 /64, so its addresses count as one. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  if (tail !== undefined) {
    const last = tail.split(':').filter((group) => group !== '');
    while (groups.length + last.length < 8) groups.push('0');
    groups.push(...last);
  }
  return groups.slice(0, 4).join(':');
}
