import type { ClientKeyId, EpochMs } from './ids.ts';

/** A client's key as the hot path reads it. The key itself is known only by its SHA-256. */
export interface ClientKey {
  readonly id: ClientKeyId;
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly revokedAt?: EpochMs;
  readonly expiresAt?: EpochMs;
  /** Globs over model names as clients send them; absent allows all. */
  readonly allowedModels?: readonly string[];
  /** Provider ids; absent allows all. */
  readonly allowedProviders?: readonly string[];
  /** Top-level fields added to a JSON request that lacks them. */
  readonly defaultParameters?: Readonly<Record<string, unknown>>;
}
