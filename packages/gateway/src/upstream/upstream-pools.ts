import Pool from 'undici/lib/dispatcher/pool.js';

export interface UpstreamPools {
  /** Connections to one origin. */
  get(origin: string): Pool;
  close(): Promise<void>;
}

// Providers are configured by people: some hundred at most. Beyond it the pool unused for longest is closed.
const MAX_POOLS = 256;

/** Below the idle limits of common load balancers (60 s), so that a kept connection is rarely a dead one. */
const KEEP_ALIVE_MS = 30_000;

export function createUpstreamPools(limits: { readonly connectTimeoutMs: () => number }): UpstreamPools {
  const pools = new Map<string, Pool>();
  let connectTimeoutMs = limits.connectTimeoutMs();
  const closing = new Set<Promise<void>>();

  const retire = (pool: Pool): void => {
    const closed = pool.close().finally(() => closing.delete(closed));
    closing.add(closed);
  };

  return {
    get(origin) {
      if (limits.connectTimeoutMs() !== connectTimeoutMs) {
        // A pool keeps the limit it was made with.
        connectTimeoutMs = limits.connectTimeoutMs();
        for (const pool of pools.values()) retire(pool);
        pools.clear();
      }
      const known = pools.get(origin);
      if (known !== undefined) return known;
      if (pools.size >= MAX_POOLS) {
        const oldest = pools.entries().next().value;
        if (oldest !== undefined) {
          pools.delete(oldest[0]);
          retire(oldest[1]);
        }
      }
      const pool = new Pool(origin, {
        connections: null,
        pipelining: 1,
        // Streams share a connection under HTTP/2, and one slow reader then holds up the others.
        allowH2: false,
        keepAliveTimeout: KEEP_ALIVE_MS,
        keepAliveMaxTimeout: KEEP_ALIVE_MS,
        connectTimeout: connectTimeoutMs,
        maxHeaderSize: 64 * 1024,
      });
      pools.set(origin, pool);
      return pool;
    },
    async close() {
      const all = [...pools.values()];
      pools.clear();
      await Promise.all([...all.map((pool) => pool.destroy()), ...closing]);
    },
  };
}
