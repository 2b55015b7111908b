import type { MediaBlock } from './chat-block.ts';

/** One kind of media as a dialect's service takes it. */
export interface AcceptedMediaKind {
  /** Media types of bytes, in lower case. */
  readonly types: readonly string[];
  /** Of one file, before base64; absent: no bound is known. */
  readonly maxBytes?: number;
  /** Of one request; absent: no bound is known. */
  readonly maxCount?: number;
  /** Whether the service reads what is at this address itself. */
  readonly readsUrl: (url: string) => boolean;
}

/** What a dialect's service can be shown. A kind that is absent it cannot be shown at all, or takes as it comes. */
export type AcceptedMedia = { readonly [Kind in MediaBlock['type']]?: AcceptedMediaKind };
