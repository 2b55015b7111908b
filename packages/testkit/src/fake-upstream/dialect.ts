import type { Operation } from '@proxycast/spec';
import type { FakeError, ScriptedMessage } from './answer.ts';
import type { FakeDialectId, RecordedRequest, RequestHead } from './recorded-request.ts';
import type { Finding, RuleContext } from './rule.ts';

export interface FakeEndpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Over the path without query; group `parameter` is the model or the id. */
  readonly path: RegExp;
  readonly operation: Operation;
  readonly body: 'json' | 'form' | 'none';
}

export interface WrittenError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WrittenAnswer {
  readonly headers: Readonly<Record<string, string>>;
  /** The body's units: events of a stream, or one whole body. */
  readonly frames: readonly (string | Buffer)[];
}

export interface AnswerContext {
  readonly request: RecordedRequest;
  readonly nowMs: number;
  readonly models: readonly string[];
  readonly rules: RuleContext;
}

/** A dialect as the fake speaks it, written from protocols.md alone: it is the judge of our own codecs. */
export interface FakeDialect {
  readonly id: FakeDialectId;
  readonly endpoints: readonly FakeEndpoint[];
  /** The key as this service reads it. */
  readKey(head: Pick<RequestHead, 'headers' | 'query' | 'path'>): string | undefined;
  /** What the service refuses in the head. */
  checkHead(head: RequestHead): readonly Finding[];
  /** What the service refuses in a JSON body. */
  checkBody(body: unknown, operation: Operation, context: RuleContext): readonly Finding[];
  /** Whether the request asks for a stream. */
  isStream(head: RequestHead, body: unknown): boolean;
  writeMessage(content: ScriptedMessage, context: AnswerContext): WrittenAnswer;
  /** The answer to everything but chat. `undefined`: the service has no such operation. */
  writeUsual(context: AnswerContext): WrittenAnswer | WrittenError | undefined;
  writeError(error: FakeError, request: RequestHead): WrittenError;
  /** The events that tell of a failure after the first byte. */
  writeStreamError(error: FakeError, request: RequestHead): string;
}
