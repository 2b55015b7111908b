import type { DecodeRequestContext, ErrorKind, Fault } from '@proxycast/spec';

/** One request to be estimated, as the worker is asked: protocols by id, since functions do not travel. */
export interface TokenCountTask {
  readonly id: number;
  /** The dialect the request is written in. */
  readonly client: string;
  readonly bytes: Uint8Array;
  readonly decoding: DecodeRequestContext;
  /** The model whose tokens are asked for, as the upstream is asked. */
  readonly model: string;
}

export type TokenCountReply =
  | { readonly id: number; readonly type: 'counted'; readonly tokens: number }
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
