import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerExcerpt, AnswerFraming, DecodedError, ProxyCastError, TokenUsage } from '@proxycast/spec';

export type StreamFraming = Exclude<AnswerFraming, 'whole'>;

/** Why an answer is none: an error the upstream wrote into it, or what is wrong with it. */
export type AnswerFailure =
  | { readonly type: 'refused-inside'; readonly decoded: DecodedError; readonly body: Buffer }
  | { readonly type: 'error'; readonly error: ProxyCastError }
  /** `what` goes on a sentence that begins with the provider. */
  | { readonly type: 'fault'; readonly code: string; readonly what: string };

/** What the first bytes of a stream are worth. */
export type Opening =
  | { readonly type: 'wait' }
  | { readonly type: 'open'; readonly bytes: Buffer }
  | { readonly type: 'failed'; readonly failure: AnswerFailure };

/** How a stream ended when its upstream closed. */
export type StreamEnd =
  /** It has not been read to its end yet; whoever reads it says when. */
  | { readonly type: 'wait' }
  | { readonly type: 'complete'; readonly bytes: Buffer | undefined }
  /** The answer was cut; `bytes` are still good. */
  | { readonly type: 'broken'; readonly failure: AnswerFailure; readonly bytes?: Buffer };

export type WholeEnd =
  | { readonly type: 'answer'; readonly body: Buffer }
  | { readonly type: 'failed'; readonly failure: AnswerFailure };

/**
 * The way of one answer from the upstream's bytes to the client's: as they are, or through another dialect. It holds what
 * belongs to the bytes; when to send them is the attempt's business.
 */
export interface AnswerPath {
  /** The framing of a stream with this content type; `undefined` when it is no stream of the upstream's dialect. */
  streamFramingOf(contentType: string): StreamFraming | undefined;
  /** Whether an answer that cannot be read (compressed, of another type) or is too large to be held may pass all the same. */
  readonly passesUnread: boolean;
  startStream(framing: StreamFraming): void;
  /** Until it has opened nothing has left, and another attempt can still take over. */
  open(chunk: Buffer): Opening;
  /** What may leave now. After `failure` is set nothing more comes. */
  push(chunk: Buffer): Buffer | undefined;
  /** An error that was found in an open stream. */
  readonly failure: ProxyCastError | undefined;
  /** `isOpen`: whether something has left. */
  endStream(isOpen: boolean): StreamEnd;
  /** Something that says nothing but that the stream lives; `undefined` where bytes pass as they are. */
  keepAlive(): Buffer | undefined;
  /** Ends an open stream with an error, in the client's dialect. */
  breakOff(error: ProxyCastError): string;
  /** `undefined` as long as a held beginning of a whole answer shows no error. */
  findErrorAtStart(held: Buffer): AnswerFailure | undefined;
  readWhole(body: Buffer, contentType: string | undefined): WholeEnd;
  /** What the client is told instead of the upstream's own content type. */
  readonly contentType: string | undefined;
  readUsage(): TokenUsage | undefined;
  /** What was kept of bytes that passed; `undefined` where none did. */
  readonly excerpt: AnswerExcerpt | undefined;
  /** Bytes that came from the upstream. */
  readonly answerBytes: number;
  /** Only of answers that are read elsewhere, whatever their content type is. */
  readonly foreign?: ForeignSteps;
  /** Nobody waits for the rest. */
  close?(): void;
}

/** What an answer that is read elsewhere needs besides: it says things when no bytes have come. */
export interface ForeignSteps {
  start(
    head: { readonly status: number; readonly headers: IncomingHttpHeaders },
    listener: { readonly onReady: () => void; readonly pause: () => void; readonly resume: () => void },
  ): void;
}
