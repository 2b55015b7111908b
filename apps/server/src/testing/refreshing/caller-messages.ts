/** How the callers of one process are told to begin; each message is one line of JSON. */
export interface CallerSetUp {
  readonly type: 'open';
  readonly location:
    | { readonly type: 'sqlite'; readonly path: string }
    | { readonly type: 'postgres'; readonly url: string };
  readonly backupsDirectory: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly owner: string;
  /** Where the official client keeps the same login. */
  readonly diskPath?: string;
  /** This process lives so much later: leases of before have ended for it. */
  readonly aheadMs?: number;
  /** There it stops and says so, to be killed. */
  readonly stopAt?: CallerStop;
}

export interface CallerStop {
  readonly step: 'take' | 'startAttempt' | 'exchange' | 'save' | 'end';
  readonly when: 'before' | 'after';
}

export type CallerCommand =
  | CallerSetUp
  /** So many ask at once. */
  | { readonly type: 'refresh'; readonly id: string; readonly seenVersion: number; readonly callers: number }
  /** What was written to the disk is adopted. */
  | { readonly type: 'adopt'; readonly id: string };

export type CallerAnswer =
  | { readonly type: 'opened' }
  | { readonly type: 'stopped' }
  /** How many got which outcome. */
  | { readonly type: 'refreshed'; readonly outcomes: Readonly<Record<string, number>> }
  | { readonly type: 'adopted'; readonly verdict: string }
  | { readonly type: 'failed'; readonly message: string };
