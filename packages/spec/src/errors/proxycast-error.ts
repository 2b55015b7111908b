import type { EpochMs } from '../ids.ts';

/** Who has to act for the request to succeed. Health, retry and logs read this, never the message. */
export const FAULTS = ['client', 'gateway', 'plugin', 'upstream'] as const;
export type Fault = (typeof FAULTS)[number];

/** What kind of trouble it is; every dialect maps each kind to a status and a type of its own. */
export const ERROR_KINDS = [
  'invalid-request',
  'authentication',
  'permission',
  'not-found',
  'conflict',
  'method-not-allowed',
  'too-large',
  'rate-limited',
  'quota-exhausted',
  'overloaded',
  'timeout',
  'upstream-failed',
  'upstream-unreachable',
  'unavailable',
  'internal',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

export interface ErrorDetails {
  /** Stable and snake_case: programs branch on it. */
  readonly code: string;
  readonly kind: ErrorKind;
  readonly fault: Fault;
  /** For people. Says what to do next; holds no secret, prompt or upstream body. */
  readonly message: string;
  /** Whether the message may leave the process. A private one is replaced before it is rendered. */
  readonly isPublic?: boolean;
  /** The field of the request that is wrong, as the client named it. */
  readonly field?: string;
  readonly retryAfterMs?: number;
  readonly resetsAt?: EpochMs;
  readonly cause?: unknown;
}

export class ProxyCastError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly fault: Fault;
  readonly isPublic: boolean;
  readonly field?: string;
  readonly retryAfterMs?: number;
  readonly resetsAt?: EpochMs;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.kind = details.kind;
    this.fault = details.fault;
    this.isPublic = details.isPublic ?? true;
    if (details.field !== undefined) this.field = details.field;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.resetsAt !== undefined) this.resetsAt = details.resetsAt;
  }

  /** What a client may read: a private error is named only by its code. */
  get publicMessage(): string {
    return this.isPublic ? this.message : 'ProxyCast failed to handle this request. Its log has the reason.';
  }
}
