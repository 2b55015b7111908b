import type { IncomingHttpHeaders } from 'node:http';
import type { Operation } from '@proxycast/spec';
import type { MultipartPart } from './multipart.ts';

export type FakeDialectId = 'anthropic' | 'openai' | 'responses' | 'gemini';

/** What is known of a request before its body. */
export interface RequestHead {
  /** From 0, in the order of arrival. */
  readonly index: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value, as they came. */
  readonly rawHeaders: readonly string[];
  /** Absent when the path is none of a service's. */
  readonly dialect?: FakeDialectId;
  readonly operation?: Operation;
  /** `{model}` or `{id}` of the path. */
  readonly pathParameter?: string;
  /** The key it authenticated with, however it was sent. */
  readonly key?: string;
  /** `performance.now()` when the head had arrived. */
  readonly arrivedAtMs: number;
}

export type RequestEnd =
  /** Everything was sent. */
  | { readonly type: 'answered' }
  /** The peer went away before everything was sent. */
  | { readonly type: 'aborted-by-peer' }
  /** The fake broke the connection, as its script said. */
  | { readonly type: 'cut-by-script' };

export interface RecordedRequest extends RequestHead {
  /** The body's bytes that have arrived. */
  readonly body: Buffer;
  /** The body as JSON; `undefined` when it is none. */
  readonly json: unknown;
  /** Parts of a multipart body; empty when it is none. */
  readonly parts: readonly MultipartPart[];
  /** What the client asked for: the body's `model`, the form's, or the path's. */
  readonly model?: string;
  readonly isStream: boolean;
  readonly bodyArrivedAtMs?: number;
  readonly firstByteSentAtMs?: number;
  readonly endedAtMs?: number;
  /** Bytes of the answer's body handed to the socket. */
  readonly answerBytes: number;
  /** Absent while it runs. */
  readonly end?: RequestEnd;
  /** Settles when the exchange is over. */
  readonly ended: Promise<RequestEnd>;
}
