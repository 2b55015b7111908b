import type { ReportChange } from '@proxycast/spec';
import type { ChatQuirks } from './chat-variant.ts';

/** Who the turns of a conversation are written for. */
export interface TurnTarget {
  readonly quirks: ChatQuirks;
  /** Of the upstream. */
  readonly origin: string;
  /** The client speaks this dialect too: what it wrote is its service's to judge. */
  readonly isOwn: boolean;
  readonly report: ReportChange;
}
