import type { ErrorKind, Fault } from '@proxycast/spec';
import type { ConversionOutcome, RequestConversion } from './convert-request.ts';

/** The worker's end is asked by protocol ids: functions do not travel. */
export interface ConversionTask {
  readonly id: number;
  readonly client: string;
  readonly upstream: string;
  readonly bytes: Uint8Array;
  readonly conversion: RequestConversion;
}

/** The last message a worker is sent. */
export const END_OF_TASKS = 'end-of-tasks';

export type ConversionReply =
  | { readonly id: number; readonly type: 'done'; readonly outcome: ConversionOutcome }
  | {
      readonly id: number;
      readonly type: 'failed';
      readonly code: string;
      readonly kind: ErrorKind;
      readonly fault: Fault;
      readonly message: string;
      readonly isPublic: boolean;
      readonly field?: string;
    };
