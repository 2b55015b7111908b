import type { KeptResponse } from '@proxycast/spec';

/** Who keeps an answer: its service; we, from the bytes that pass; we, as it is written here. */
export type KeptPlace = 'service' | 'passed' | 'written';

/** How the answer to one request will be kept. */
export interface KeptTurn {
  /** Names the record. */
  readonly recordId: string;
  /** The id of an answer that is written here; one that passes has its service's. */
  readonly id: string;
  /** The answer it goes on from. */
  readonly parent?: KeptResponse;
  /** The service cannot go on from it by itself: an answer in its own dialect is kept here as well. */
  readonly isHere: boolean;
  readonly isBackground: boolean;
  /** `false`: the body is large and was not looked through, so it may still say that its answer is not to be kept. */
  readonly isSure: boolean;
  /** The client wants it kept; on a socket it is remembered all the same. */
  readonly isAsked: boolean;
  /** When the record was made; that of an answer in the background is there before its answer. */
  readonly createdAt: number;
  /** The items of this turn's input, as JSON text joined by commas. */
  input(): string;
  save(record: KeptResponse): void;
}
