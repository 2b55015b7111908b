import type { EpochMs } from '@proxycast/spec';
import type { AnswerReading, Lease } from '@proxycast/spec/plugin';
import { compileText, type FilledText, fillText, type LeaseValues } from './fill-lease.ts';
import { createRequestPatcher, type RequestPatcher } from './request-patcher.ts';

/** What a lease is for. One of another credential, or of the same one after it changed, is another. */
export interface LeaseKey {
  readonly credentialId: string;
  /** Rises with every change of the credential. */
  readonly credentialVersion: number;
  readonly operation: string;
  readonly model: string;
  readonly isStream: boolean;
}

/** A call ready to be sent, but for its body. */
export interface LeasedCall {
  readonly method: Lease['method'];
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  readonly patcher: RequestPatcher;
  readonly read: AnswerReading;
}

/** Leases as the plugin gave them: the hot path takes one without a call. */
export interface LeaseCache {
  /** `undefined` when there is none, or it has ended: then the plugin is asked. */
  take(key: LeaseKey, values: LeaseValues): LeasedCall | undefined;
  put(key: LeaseKey, lease: Lease, now: EpochMs): void;
  /** The credential changed, or its plugin's settings or process did: nothing of it holds any more. */
  dropCredential(credentialId: string): void;
  clear(): void;
  readonly size: number;
}

interface Entry {
  readonly endsAt: EpochMs;
  readonly method: Lease['method'];
  readonly url: string | FilledText;
  readonly origin: string;
  readonly path: string;
  readonly headers: readonly (string | FilledText)[];
  readonly fixedHeaders: readonly string[] | undefined;
  readonly patcher: RequestPatcher;
  readonly read: AnswerReading;
  readonly credentialVersion: number;
  usesLeft: number;
}

const MAX_LEASES = 5000;
/** A client may ask for any name that a pattern allows: that costs the leases of other names, not all of them. */
const MAX_OF_CREDENTIAL = 256;

export function createLeaseCache(): LeaseCache {
  /** By credential, then by the rest of the key, so that one credential's are dropped at once. */
  const byCredential = new Map<string, Map<string, Entry>>();
  let size = 0;

  function remove(leases: Map<string, Entry>, credentialId: string, name: string): void {
    if (leases.delete(name)) size--;
    if (leases.size === 0) byCredential.delete(credentialId);
  }

  return {
    take(key, values) {
      const leases = byCredential.get(key.credentialId);
      if (leases === undefined) return undefined;
      const name = nameOf(key);
      const entry = leases.get(name);
      if (entry === undefined) return undefined;
      if (entry.endsAt <= values.nowMs || entry.usesLeft === 0 || entry.credentialVersion !== key.credentialVersion) {
        remove(leases, key.credentialId, name);
        return undefined;
      }
      entry.usesLeft--;
      const { method, patcher, read } = entry;
      const headers = entry.fixedHeaders ?? entry.headers.map((text) => fillText(text, values));
      if (typeof entry.url === 'string')
        return { method, origin: entry.origin, path: entry.path, headers, patcher, read };
      const { origin, pathname, search } = new URL(entry.url(values));
      return { method, origin, path: pathname + search, headers, patcher, read };
    },
    put(key, lease, now) {
      if (size >= MAX_LEASES) {
        const [oldest] = byCredential.keys();
        size -= byCredential.get(oldest ?? '')?.size ?? 0;
        byCredential.delete(oldest ?? '');
      }
      const leases = byCredential.get(key.credentialId) ?? new Map<string, Entry>();
      byCredential.set(key.credentialId, leases);
      const name = nameOf(key);
      const [first] = leases.keys();
      if (leases.size >= MAX_OF_CREDENTIAL && first !== undefined && leases.delete(first)) size--;
      if (!leases.has(name)) size++;
      leases.set(name, compile(lease, key.credentialVersion, now));
    },
    dropCredential(credentialId) {
      size -= byCredential.get(credentialId)?.size ?? 0;
      byCredential.delete(credentialId);
    },
    clear() {
      byCredential.clear();
      size = 0;
    },
    get size() {
      return size;
    },
  };
}

const nameOf = ({ operation, isStream, model }: LeaseKey): string => `${operation} ${isStream ? 1 : 0} ${model}`;

function compile(lease: Lease, credentialVersion: number, now: EpochMs): Entry {
  const url = compileText(lease.url);
  const fixed = typeof url === 'string' ? new URL(url) : undefined;
  const headers = lease.headers.flatMap(([name = '', value = '']) => [name.toLowerCase(), compileText(value)]);
  const texts = headers.filter((one) => typeof one === 'string');
  return {
    endsAt: now + lease.ttl_ms,
    method: lease.method,
    url,
    origin: fixed?.origin ?? '',
    path: fixed === undefined ? '' : fixed.pathname + fixed.search,
    headers,
    fixedHeaders: texts.length === headers.length ? texts : undefined,
    patcher: createRequestPatcher(lease.patch),
    read: lease.read,
    credentialVersion,
    usesLeft: lease.max_uses ?? Number.MAX_SAFE_INTEGER,
  };
}
